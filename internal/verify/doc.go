// Package verify checks this SDK from outside: validators and clients that others
// wrote, the comparison with them, and the report on new upstream documents. It is a module of its own, so that no user of the SDK
// downloads any of it.
package verify
