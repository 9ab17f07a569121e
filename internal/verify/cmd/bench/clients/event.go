package clients

import (
	"bytes"
	"io"
	"net/http"
	"net/url"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// CallbackURL is the URL to which the event is delivered.
const CallbackURL = "https://pay.example.com/status?order=4711"

// EventForm is a status callback with twenty fields.
func EventForm() url.Values {
	return url.Values{
		"AccountSid":              {AccountSID},
		"CallSid":                 {CallSID},
		"Sid":                     {SID},
		"DateCreated":             {"2021-08-10T03:55:53.408Z"},
		"DateUpdated":             {"2021-08-10T03:58:27.290Z"},
		"PaymentConnector":        {"stripe_connector"},
		"PaymentMethod":           {"credit-card"},
		"ChargeAmount":            {"49.50"},
		"TokenType":               {"one-time"},
		"Capture":                 {"postal-code"},
		"PartialResult":           {"false"},
		"Required":                {""},
		"PaymentCardNumber":       {"xxxxxxxxxxxx1111"},
		"PaymentCardType":         {"visa"},
		"ExpirationDate":          {"1225"},
		"SecurityCode":            {"xxx"},
		"PaymentCardPostalCode":   {"94109"},
		"Result":                  {"success"},
		"PaymentConfirmationCode": {"ch_a9dc6f1b2e"},
		"ProfileId":               {"7e6a1fc3-61b0-4c3c-9b0e-0d7f3c1f9a52"},
	}
}

// Delivery is a request with an event that can be sent repeatedly.
type Delivery struct {
	http.Request
	body []byte
	read bytes.Reader
}

// NewDelivery returns a signed delivery of a form.
func NewDelivery(form url.Values) (*Delivery, error) {
	u, err := url.Parse(CallbackURL)
	if err != nil {
		return nil, err
	}
	d := &Delivery{body: []byte(form.Encode())}
	d.Request = http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, RequestURI: u.RequestURI(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		ContentLength: int64(len(d.body)),
		Header: http.Header{
			"Content-Type":               {"application/x-www-form-urlencoded; charset=UTF-8"},
			"X-Twilio-Signature":         {callback.Sign(AuthToken, CallbackURL, form)},
			"I-Twilio-Idempotency-Token": {"5b9a3c52-7f0e-4d0b-a6b7-0a4f5f9f8a11"},
		},
	}
	return d, nil
}

// To delivers the event to h and returns the status of the response.
func (d *Delivery) To(h http.Handler) int {
	d.read.Reset(d.body)
	d.Body = io.NopCloser(&d.read)
	w := status(http.StatusOK)
	h.ServeHTTP(&w, &d.Request)
	return int(w)
}

// status is a response writer that keeps only the status.
type status int

func (*status) Header() http.Header { return make(http.Header) }

func (*status) Write(b []byte) (int, error) { return len(b), nil }

func (s *status) WriteHeader(code int) { *s = status(code) }
