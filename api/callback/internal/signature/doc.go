// Package signature checks Twilio's signatures: an HMAC-SHA1 over the URL as
// Twilio stores it and, for a form, every parameter. A URL may arrive in another
// form than it was signed in, so a bounded set of forms is tried (url_forms.go).
// Forms are parsed so that no signed parameter is lost (form.go).
//
// The caller must check what a signature does not prove, such as where one
// parameter ends and the next starts.
package signature
