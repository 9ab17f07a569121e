package clients

import (
	"io"
	"net/http"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Session is the body of Twilio's response to the create.
const Session = `{"account_sid":"` + AccountSID + `","call_sid":"` + CallSID + `",` +
	`"date_created":"Wed, 18 Dec 2019 20:02:01 +0000","date_updated":"Wed, 18 Dec 2019 20:02:01 +0000",` +
	`"sid":"` + SID + `","uri":"/2010-04-01/Accounts/` + AccountSID + `/Calls/` + CallSID + `/Payments/` + SID + `.json"}`

// SessionOfAny is the same for a create on any call: it has no call SID.
const SessionOfAny = `{"account_sid":"` + AccountSID + `","date_created":"Wed, 18 Dec 2019 20:02:01 +0000",` +
	`"date_updated":"Wed, 18 Dec 2019 20:02:01 +0000","sid":"` + SID + `","uri":null}`

// InProcess returns the clients over a transport without a network.
func InProcess(transport http.RoundTripper) ([]Client, error) {
	ours, err := NewOurs(payments.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		return nil, err
	}
	bare, err := NewBare(transport)
	return []Client{NewOfficial(Official, transport), bare, NewFloor(transport), NewGenerated(transport), ours}, err
}

// Transport responds to every request at once with one allocation, so that the
// client is measured and not the server.
type Transport struct {
	ToAny bool // with SessionOfAny
}

// reply is a response and its body in one.
type reply struct {
	http.Response
	strings.Reader
}

var answerHeader = http.Header{
	"Content-Type":      {"application/json"},
	"Twilio-Request-Id": {"RQdddddddddddddddddddddddddddddddd"},
}

// RoundTrip reads the request's body, as a transport must, and responds with
// 201.
func (t Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	if err := req.Body.Close(); err != nil {
		return nil, err
	}
	text := Session
	if t.ToAny {
		text = SessionOfAny
	}
	r := &reply{Response: http.Response{
		Status: "201 Created", StatusCode: http.StatusCreated,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answerHeader, ContentLength: int64(len(text)), Request: req,
	}}
	r.Reader.Reset(text)
	r.Body = r
	return &r.Response, nil
}

// Close has nothing to close.
func (*reply) Close() error { return nil }
