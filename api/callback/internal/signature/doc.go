// Package signature checks what Twilio signs: an HMAC-SHA1 over the URL as it
// stands in Twilio's data and, for a form, every parameter. A URL arrives in
// another form than it was signed in, so a bounded set of forms is tried
// (url_forms.go); the form is read so that no signed parameter is lost (form.go).
//
// What a signature does not vouch for, such as where one parameter ends and the
// next begins, is the caller's matter.
package signature
