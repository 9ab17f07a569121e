package paymentstest

import (
	"net/url"
	"sync/atomic"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// Callback is a status callback of the server, and the attempts to deliver it.
type Callback struct {
	// Number counts callbacks from 1, in the order they were made.
	Number int
	Time   time.Time
	// URL is the StatusCallback of the request that caused it.
	URL string
	// Event is the callback as package callback parses it; Event.Raw is the posted
	// form.
	Event callback.Event
	// Token is the header I-Twilio-Idempotency-Token: the same on every
	// delivery of this callback.
	Token string
	// Signature is the header X-Twilio-Signature.
	Signature string
	// Delivery is how it is delivered, by the rules of the test.
	Delivery Delivery
	// Attempts are the posts made so far.
	Attempts []DeliveryAttempt
}

// Delivered reports whether the application has accepted the callback with a 2xx.
func (c Callback) Delivered() bool {
	for _, a := range c.Attempts {
		if a.Status >= 200 && a.Status < 300 {
			return true
		}
	}
	return false
}

// DeliveryAttempt is one post of a callback.
type DeliveryAttempt struct {
	Time time.Time
	// Status is the status of the response, zero for none.
	Status int
	// Err is why there was no response.
	Err error
}

// Callbacks returns every callback so far, in the order they were made.
func (s *Server) Callbacks() []Callback { return s.delivery.list() }

func (d *delivery) list() []Callback {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Callback, 0, d.made.length)
	for o := range d.made.all() {
		list = append(list, o.callback())
	}
	return list
}

// outgoing is a callback to deliver. The lock of type delivery guards delivery and
// attempts; the rest never changes.
type outgoing struct {
	number   int
	time     time.Time
	url      string
	form     url.Values
	token    string
	key      string // the account's auth token
	delivery Delivery
	attempts []DeliveryAttempt
	entry    int64 // its number in the journal
	sign     Signing
	handMade bool
	shown    atomic.Pointer[CallbackEntry]
}

// signature is empty for a callback that is sent without one.
func (o *outgoing) signature() string {
	switch o.sign {
	case SignNot:
		return ""
	case SignWrongly:
		return callback.Sign("not the auth token", withPath(o.url), o.form)
	}
	return callback.Sign(o.key, withPath(o.url), o.form)
}

// withPath adds the path "/" to a URL without one, because that is what the receiver
// gets and verifies.
func withPath(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" && u.Path == "" {
		u.Path = "/"
		return u.String()
	}
	return raw
}

func (o *outgoing) callback() Callback {
	event, err := callback.Parse(cloneForm(o.form))
	if err != nil {
		panic(err) // every callback has a Sid
	}
	return Callback{
		Number: o.number, Time: o.time, URL: o.url, Event: event, Token: o.token, Signature: o.signature(),
		Delivery: o.delivery, Attempts: append([]DeliveryAttempt(nil), o.attempts...),
	}
}
