package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// file is the content of a scenario file. The package documentation describes its
// fields.
type file struct {
	Title    title     `json:"title"`
	Payment  payment   `json:"payment,omitzero"`
	Steps    []step    `json:"steps,omitempty"`
	Patience duration  `json:"patience,omitzero"`
	Caller   caller    `json:"caller,omitzero"`
	Gateway  []verdict `json:"gateway,omitempty"`
	Faults   faults    `json:"faults,omitzero"`
	Expect   expect    `json:"expect,omitzero"`
}

// title is one line, since reports print it.
type title string

func (t *title) UnmarshalText(text []byte) error {
	if bytes.ContainsFunc(text, unicode.IsControl) {
		return errors.New("must not contain control characters")
	}
	*t = title(text)
	return nil
}

type faults struct {
	Requests  []requestFault  `json:"requests,omitempty"`
	Callbacks []callbackFault `json:"callbacks,omitempty"`
}

// requestFault is a fault of the application's requests.
type requestFault struct {
	Operation   operation `json:"operation,omitempty"`
	Nth         int       `json:"nth,omitempty"`
	Times       *int      `json:"times,omitempty"`
	Fault       faultName `json:"fault"`
	TakesEffect bool      `json:"takesEffect,omitempty"`
	RetryAfter  string    `json:"retryAfter,omitempty"`
	Delay       duration  `json:"delay,omitzero"`
}

// callbackFault is a fault of the delivery of callbacks.
type callbackFault struct {
	Event eventName `json:"event,omitempty"`
	Nth   int       `json:"nth,omitempty"`
	Way   way       `json:"way"`
	Delay duration  `json:"delay,omitzero"`
}

// expect has the expectations. A nil list is not checked.
type expect struct {
	Results   []result          `json:"results,omitzero"`
	Charges   []charge          `json:"charges,omitzero"`
	Tokens    []token           `json:"tokens,omitzero"`
	Events    []event           `json:"events,omitzero"`
	Requests  map[operation]int `json:"requests,omitzero"`
	Delivered map[eventName]int `json:"delivered,omitzero"`
	// AllowUndelivered skips the check that callbacks are accepted.
	AllowUndelivered bool `json:"allowUndelivered,omitempty"`
}

// duration is a time.Duration in Go's notation: "1.5s".
type duration time.Duration

// maxDuration limits every duration of a file.
const maxDuration = duration(time.Hour)

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	t, err := time.ParseDuration(string(text))
	if err != nil || t <= 0 || duration(t) > maxDuration {
		return errors.New(`must be a time above zero and at most 1h, such as "1.5s" or "2m"`)
	}
	*d = duration(t)
	return nil
}

// payment has the fields of create, except playerFields.
type payment struct{ payments.CreateParams }

// playerFields are the fields of create that the player sets, not the file.
var playerFields = []string{"IdempotencyKey", "StatusCallback"}

func (p payment) MarshalJSON() ([]byte, error) {
	whole, err := json.Marshal(p.CreateParams)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(whole, &fields); err != nil {
		return nil, err
	}
	for _, name := range playerFields {
		delete(fields, name)
	}
	return json.Marshal(fields)
}

func (p *payment) bind(n *node, field string, all *problems) {
	if n.kind != "an object" {
		all.add(n.line, field, "must be an object, not %s", n.kind)
		return
	}
	before := len(all.list)
	v := reflect.ValueOf(&p.CreateParams).Elem()
	names, lines := namesOf(v.Type()), map[string]int{}
	for i, name := range names {
		if slices.Contains(playerFields, name) {
			names[i] = ""
		}
	}
	rest := &node{line: n.line, kind: n.kind}
	for _, m := range n.members {
		if lines[m.name] = m.line; slices.Contains(playerFields, m.name) {
			all.add(m.line, join(field, m.name), "is not allowed here: the player sets this field")
			continue
		}
		rest.members = append(rest.members, m)
	}
	bindObject(rest, field, v, names, all)
	if len(all.list) > before {
		return
	}
	for _, v := range invalid(p.CreateParams) {
		line, known := lines[v.Field]
		if !known {
			line = n.line
		}
		all.add(line, join(field, v.Field), "%s", v.Rule)
	}
}

// invalid returns the errors with which the client refuses a payment before the
// network.
func invalid(p payments.CreateParams) []*payments.ValidationError {
	client, err := payments.NewClient(payments.WithBaseURL("http://127.0.0.1:1"), payments.WithMaxRetries(0),
		payments.WithCredentials(paymentstest.DefaultAccountSID, paymentstest.DefaultAuthToken),
		payments.WithHTTPClient(&http.Client{Transport: noTransport{}}))
	if err != nil {
		return nil // the run reports the same error
	}
	p.StatusCallback = "https://" + agentHost + "/"
	_, err = client.Create(context.Background(), "CA"+strings.Repeat("0", 32), p)
	return violations(err)
}

// noTransport sends nothing.
type noTransport struct{}

func (noTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("not sent")
}

// violations returns all validation errors of an error tree.
func violations(err error) []*payments.ValidationError {
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case nil:
		return nil
	case *payments.ValidationError:
		return []*payments.ValidationError{e}
	case interface{ Unwrap() []error }:
		var list []*payments.ValidationError
		for _, each := range e.Unwrap() {
			list = append(list, violations(each)...)
		}
		return list
	}
	return violations(errors.Unwrap(err))
}
