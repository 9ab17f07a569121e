// Package verify holds what judges this SDK and is not part of it: validators
// and clients that others wrote, the comparison with them, and the reports on
// new upstream documents. It is a module of its own, so that no user of the SDK
// downloads any of it.
package verify
