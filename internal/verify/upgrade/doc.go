// Package upgrade holds made-up successors of the vendor's document. Its test
// adopts each of them in a copy of the repository, with the commands of
// CONTRIBUTING.md and without an edit outside openapi/.
package upgrade
