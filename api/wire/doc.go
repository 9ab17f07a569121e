// Package wire has types for values of the Payments API that Go has no type for:
// exact decimal amounts ([Amount]), dates as Twilio writes them ([Time]), lists
// sent as one form field ([SpaceList], [CommaList]), the connector's custom
// parameters ([Parameters]), text that is never printed ([Hidden]), and an
// account's [Credentials].
//
// The request and response types use them, so Twilio receives exactly what you
// set: an [Amount] of "49.90" is sent as those five characters. The package uses
// only the standard library.
package wire
