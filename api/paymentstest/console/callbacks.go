package console

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// callback returns the callback that a path names.
func (c *Console) callback(number string) (paymentstest.Callback, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return paymentstest.Callback{}, badField("number", "must be the number of a callback")
	}
	for _, b := range c.srv.Callbacks() {
		if b.Number == n {
			return b, nil
		}
	}
	return paymentstest.Callback{}, notFound("this callback")
}

func (c *Console) redeliver(w http.ResponseWriter, r *http.Request) error {
	b, err := c.callback(r.PathValue("number"))
	if err != nil {
		return err
	}
	if err := read(w, r, &struct{}{}); err != nil {
		return err
	}
	attempt, err := c.srv.Redeliver(r.Context(), b.Number)
	return posted(w, attempt, err)
}

// posted replies with the outcome of posting a callback.
func posted(w http.ResponseWriter, attempt paymentstest.AttemptEntry, err error) error {
	switch {
	case errors.Is(err, paymentstest.ErrNotLocal):
		return fail(http.StatusConflict, "not-local", "callbacks are sent to this machine only: allow the host with -callback-hosts or WithCallbackHosts")
	case err != nil:
		return fail(http.StatusBadRequest, "bad-request", "the callback was not posted: %s", trimmed(err))
	}
	reply(w, http.StatusOK, map[string]paymentstest.AttemptEntry{"attempt": attempt})
	return nil
}

// handMade are the callbacks that a person can send without a payment.
var handMade = []named{
	{"good", "as Twilio would send it"},
	{"unsigned", "without a signature"},
	{"wrongly-signed", "signed with another token"},
	{"unknown-value", "with an unknown Result"},
	{"field-missing", "without its Sid"},
}

func (c *Console) sendCallback(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		URL     string            `json:"url"`
		Kind    string            `json:"kind"`
		Call    string            `json:"call"`
		Session string            `json:"session"`
		Form    map[string]string `json:"form"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	u, err := url.Parse(command.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return badField("url", "must be an absolute http or https URL")
	case !slices.ContainsFunc(handMade, func(n named) bool { return n.Name == command.Kind }):
		return badField("kind", "must be one of %s", namesOf(handMade, func(n named) string { return n.Name }))
	case command.Session != "" && !sessionPattern.MatchString(command.Session):
		return badField("session", "must be a session SID, PK and 32 hexadecimal digits")
	case command.Call != "" && !callPattern.MatchString(command.Call):
		return badField("call", "must be a call SID, CA and 32 hexadecimal digits")
	}
	form := url.Values{
		"AccountSid": {c.srv.AccountSID()}, "CallSid": {cmp.Or(command.Call, "CA"+strings.Repeat("0", 31)+"1")},
		"Sid":         {cmp.Or(command.Session, "PK"+strings.Repeat("0", 31)+"1")},
		"DateUpdated": {time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}, "PaymentMethod": {"credit-card"}, "Result": {string(callback.ResultSuccess)},
	}
	hand := paymentstest.HandMade{URL: command.URL, Form: form}
	switch command.Kind {
	case "unsigned":
		hand.Sign = paymentstest.SignNot
	case "wrongly-signed":
		hand.Sign = paymentstest.SignWrongly
	case "unknown-value":
		form.Set("Result", "a-result-of-next-year")
	case "field-missing":
		form.Del("Sid")
	}
	for name, value := range command.Form {
		form.Set(name, value)
	}
	attempt, err := c.srv.Send(r.Context(), hand)
	return posted(w, attempt, err)
}

// step is one step of computing a signature.
type step struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// signature computes the signature of a callback again, step by step. Values that
// the console withholds from the form are withheld here too.
func (c *Console) signature(w http.ResponseWriter, r *http.Request) error {
	b, err := c.callback(r.PathValue("number"))
	if err != nil {
		return err
	}
	made, err := c.made(b.Number)
	if err != nil {
		return err
	}
	signed, _, _ := strings.Cut(signedURL(b.URL), "#")
	steps := []step{{"Start with the URL as Twilio has it", signed}}
	for _, name := range slices.Sorted(maps.Keys(made.Form)) {
		values := slices.Compact(slices.Sorted(slices.Values(made.Form[name])))
		steps = append(steps, step{"Append " + name + " and its value (parameters are sorted by name)", name + strings.Join(values, name)})
	}
	steps = append(steps,
		step{"This is the signed text, without separators", made.Signed},
		step{"Its HMAC-SHA1 with the account's auth token as key, in Base64", made.Signature})
	reply(w, http.StatusOK, map[string]any{
		"url": signed, "steps": steps, "signature": b.Signature, "withheld": append([]string{}, made.Withheld...),
		"matches": b.Event.AccountSID != c.srv.AccountSID() || callback.Sign(c.srv.AuthToken(), signed, b.Event.Raw()) == b.Signature,
	})
	return nil
}

// signedURL returns a URL as it is requested: never without a path.
func signedURL(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" && u.Path == "" {
		u.Path = "/"
		return u.String()
	}
	return raw
}

// made returns the journal entry of a callback.
func (c *Console) made(number int) (*paymentstest.CallbackEntry, error) {
	for e := range c.all(func(e paymentstest.Entry) bool { return e.Kind == paymentstest.KindCallbackMade }) {
		if e.Callback.Number == number {
			return e.Callback, nil
		}
	}
	return nil, notFound("this callback")
}
