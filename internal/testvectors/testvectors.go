// Package testvectors has requests, responses and signatures that were not made by
// this SDK, each with a verdict, for tests in this repository. The data is embedded,
// so tests do not depend on a directory.
package testvectors

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

//go:embed *.json
var files embed.FS

// Verdicts on a request or response. Open means that the document allows both
// readings.
const (
	Accept = "accept"
	Reject = "reject"
	Open   = "open"
)

// Request is a request to one of the two operations, with a verdict from an
// independent reading of the vendor's document.
type Request struct {
	ID, Says, Method, Target string
	Headers                  map[string]string
	Body                     string // the exact bytes
}

// Requests returns all requests.
func Requests() []Request {
	var file struct{ Requests []Request }
	read("requests.json", &file)
	for i := range file.Requests {
		r := &file.Requests[i]
		r.Body = strings.ReplaceAll(r.Body, "{64k}", strings.Repeat("x", 1<<16))
	}
	return file.Requests
}

// Response is a response to CreatePayments, with a verdict by the vendor's document.
type Response struct {
	ID, Says string
	Status   int
	Headers  map[string]string
	Body     string
}

// Responses returns all responses.
func Responses() []Response {
	var file struct{ Responses []Response }
	read("responses.json", &file)
	return file.Responses
}

// Peer is a request that another client sent.
type Peer struct {
	Client, ID, Method, Path, Body string
	Headers                        [][2]string // in the order of the wire
	AcceptedBy                     []string    `json:"accepted_by"` // validators: prism, kin, libopenapi
}

// Peers returns the requests that other clients sent.
func Peers() []Peer {
	var file struct{ Peers []Peer }
	read("peers.json", &file)
	return file.Peers
}

// Signature is a delivery and whether its signature verifies. Params is nil for
// a body that is not a form.
type Signature struct {
	Name, URL, Token string
	Params           url.Values
	Body             *string
	Signature        string
	Valid            bool
	Sources          []string
}

// Signatures returns the signatures of other SDKs' tests.
func Signatures() []Signature {
	var file struct{ Signatures []Signature }
	read("signatures.json", &file)
	return file.Signatures
}

// read decodes an embedded file. It panics if the file is damaged; the tests of this
// package read all of them.
func read(name string, into any) {
	text, err := files.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		panic(fmt.Sprintf("testvectors: %s: %v", name, err))
	}
}
