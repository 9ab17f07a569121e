// Package clients holds the clients that are compared. Each makes the same
// call: the create of [Params].
//
// github.com/kevinburke/twilio-go is not among them: the public module proxy
// returns 403 for it, so it cannot be pinned for everyone.
package clients

import (
	"context"
	"encoding/base64"
)

// The names of the clients.
const (
	Ours      = "twiliopay-go"     // this SDK
	Official  = "twilio-go"        // the vendor's SDK
	Pooled    = "twilio-go-pooled" // the same over a transport that keeps its connections
	Bare      = "oapi-codegen"     // only the generated client, forms by runtime.MarshalForm
	Floor     = "net-http"         // a prepared body and prepared headers
	Generated = "generated"        // the floor with our generated request and response
)

// server is the host that all of them address.
const server = "https://api.twilio.com"

// A Client makes one call.
type Client struct {
	Name   string
	Create func(context.Context) error
}

// authorization is the header of every request.
var authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(AccountSID+":"+AuthToken))
