// Package paymentstest plays Twilio in tests: the Payments resource, the
// caller's keypad and the payment gateway, in process and repeatable.
package paymentstest
