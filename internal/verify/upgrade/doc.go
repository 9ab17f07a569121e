// Package upgrade holds made-up successors of the vendor's document, and the
// test that takes each of them over in a scratch copy, by the commands that
// CONTRIBUTING.md names and with no edit outside openapi/.
package upgrade
