package clients

import (
	"io"
	"net/http"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Answer is what Twilio says to the create.
const Answer = `{"account_sid":"` + AccountSID + `","call_sid":"` + CallSID + `",` +
	`"date_created":"Wed, 18 Dec 2019 20:02:01 +0000","date_updated":"Wed, 18 Dec 2019 20:02:01 +0000",` +
	`"sid":"` + SID + `","uri":"/2010-04-01/Accounts/` + AccountSID + `/Calls/` + CallSID + `/Payments/` + SID + `.json"}`

// AnswerToAny is the same to a create on any call: it names none.
const AnswerToAny = `{"account_sid":"` + AccountSID + `","date_created":"Wed, 18 Dec 2019 20:02:01 +0000",` +
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

// Transport answers every request at once at the price of one allocation, so
// that what is measured is the client.
type Transport struct {
	ToAny bool // with AnswerToAny
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

// RoundTrip reads the request's body, as a transport must, and answers 201.
func (t Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	if err := req.Body.Close(); err != nil {
		return nil, err
	}
	text := Answer
	if t.ToAny {
		text = AnswerToAny
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
