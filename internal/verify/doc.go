// Package verify checks this SDK from outside, with validators and clients that
// others wrote, and reports on new documents of the vendor. It is a module of
// its own, so that no user of the SDK downloads any of it.
package verify
