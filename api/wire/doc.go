// Package wire holds the values of the Payments API that Go has no type for:
// exact decimal amounts, dates as Twilio writes them, lists that travel as one
// form field, and the connector's custom parameters.
//
// The generated request and response types use them, so that what a user sets is
// what travels: an [Amount] of "49.90" is sent as those five characters.
// Everything here depends on the standard library only.
package wire
