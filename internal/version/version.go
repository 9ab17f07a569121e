// Package version is the one place that names the module's version.
package version

// Version is the version of this module, as the CHANGELOG's newest heading and
// the next tag have it, without the leading v.
const Version = "0.1.0"
