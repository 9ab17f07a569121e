// Package peers holds the clients of the comparison, each behind one function
// that makes the same call: the create of [Params].
//
// github.com/kevinburke/twilio-go is not among them: the public module proxy
// answers 403 for it, so that it cannot be pinned and run by everyone.
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
	Bare      = "oapi-codegen"     // the generated client alone, forms by runtime.MarshalForm
	Floor     = "net-http"         // a ready-made body and ready-made headers
	Generated = "generated"        // the floor with our generated request and answer
)

// server is where all of them think they send.
const server = "https://api.twilio.com"

// A Client makes one call.
type Client struct {
	Name   string
	Create func(context.Context) error
}

// authorization is the header of every request.
var authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(AccountSID+":"+AuthToken))
