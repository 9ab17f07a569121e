// Package version has the module's version.
package version

// Version is the version of this module, as in the CHANGELOG's newest heading and the
// next tag, without the leading v.
const Version = "0.1.0"
