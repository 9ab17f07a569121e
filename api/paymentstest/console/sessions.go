package console

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// sessionCommand starts a session as an application would.
type sessionCommand struct {
	Call           string `json:"call"`
	Amount         string `json:"amount"`
	Currency       string `json:"currency"`
	Method         string `json:"method"`
	TokenType      string `json:"tokenType"`
	StatusCallback string `json:"statusCallback"`
	PostalCode     *bool  `json:"postalCode"`
	SecurityCode   *bool  `json:"securityCode"`
	Description    string `json:"description"`
	CardTypes      string `json:"cardTypes"`
	Matching       string `json:"matching"`
	Confirmation   bool   `json:"confirmation"`
	TimeoutSeconds int    `json:"timeoutSeconds"`
}

func (s sessionCommand) form() url.Values {
	form := url.Values{"IdempotencyKey": {newKey()}, "StatusCallback": {cmp.Or(s.StatusCallback, sinkURL)}}
	for name, value := range map[string]string{
		"ChargeAmount": s.Amount, "Currency": s.Currency, "PaymentMethod": s.Method, "TokenType": s.TokenType, "Description": s.Description,
		"ValidCardTypes": s.CardTypes, "RequireMatchingInputs": s.Matching,
	} {
		if value != "" {
			form.Set(name, value)
		}
	}
	for name, value := range map[string]*bool{"PostalCode": s.PostalCode, "SecurityCode": s.SecurityCode} {
		if value != nil {
			form.Set(name, strconv.FormatBool(*value))
		}
	}
	if s.Confirmation {
		form.Set("Confirmation", "true")
	}
	if s.TimeoutSeconds > 0 {
		form.Set("Timeout", strconv.Itoa(s.TimeoutSeconds))
	}
	if s.Method == string(payments.PaymentMethodACHDebit) {
		form.Set("Parameter", `{"AVSName":"Jane Doe"}`)
	}
	return form
}

var amountPattern = regexp.MustCompile(`^[0-9]{0,6}(\.[0-9]{1,3})?$`)

func (s sessionCommand) check() error {
	switch {
	case s.Call != "" && !callPattern.MatchString(s.Call):
		return badField("call", "must be a call SID, CA and 32 hexadecimal digits")
	case !amountPattern.MatchString(s.Amount):
		return badField("amount", "must be a decimal number below 1000000, such as 9.99")
	case s.TimeoutSeconds < 0 || s.TimeoutSeconds > 600:
		return badField("timeoutSeconds", "must be 1 to 600, or 0 for Twilio's 5")
	}
	return nil
}

// started is a session that the console started.
type started struct {
	Call string `json:"call"`
	sent
}

func (c *Console) startSession(w http.ResponseWriter, r *http.Request) error {
	var command sessionCommand
	if err := read(w, r, &command); err != nil {
		return err
	}
	s, err := c.start(r, command)
	if err != nil {
		return err
	}
	reply(w, http.StatusCreated, s)
	return nil
}

func (c *Console) start(r *http.Request, command sessionCommand) (started, error) {
	if err := command.check(); err != nil {
		return started{}, err
	}
	if command.Call == "" {
		call := c.srv.NewCall()
		call.TakeOver(nil) // the person on the page presses the keys
		command.Call = call.SID
	}
	result, err := c.post(r.Context(), c.paymentsPath(c.srv.AccountSID(), command.Call, ""), command.form())
	if err == nil {
		err = result.accepted()
	}
	return started{command.Call, result}, err
}

// sample starts a payment and asks for the card number, so that the person has
// keys to press.
func (c *Console) sample(w http.ResponseWriter, r *http.Request) error {
	if err := read(w, r, &struct{}{}); err != nil {
		return err
	}
	s, err := c.start(r, sessionCommand{Amount: "9.99", Currency: "USD", Description: "sample payment", TimeoutSeconds: 600})
	if err != nil {
		return err
	}
	if _, err := c.update(r, s.Session, url.Values{"Capture": {string(payments.CapturePaymentCardNumber)}}); err != nil {
		return err
	}
	reply(w, http.StatusCreated, s)
	return nil
}

// update sends an update of a session, with the StatusCallback of the last request.
func (c *Console) update(r *http.Request, session string, form url.Values) (sent, error) {
	last, err := c.lastRequest(session)
	if err != nil {
		return sent{}, err
	}
	form.Set("IdempotencyKey", newKey())
	form.Set("StatusCallback", last.Form.Get("StatusCallback"))
	result, err := c.post(r.Context(), c.paymentsPath(last.AccountSID, last.CallSID, session), form)
	if err == nil {
		err = result.accepted()
	}
	return result, err
}

func (c *Console) capture(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Capture payments.Capture `json:"capture"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	if !slices.ContainsFunc(captures, func(named named) bool { return named.Name == string(command.Capture) }) {
		return badField("capture", "must be one of %s", namesOf(captures, func(n named) string { return n.Name }))
	}
	return c.updated(w, r, url.Values{"Capture": {string(command.Capture)}})
}

func (c *Console) complete(w http.ResponseWriter, r *http.Request) error {
	return c.status(w, r, payments.StatusComplete)
}

func (c *Console) cancelSession(w http.ResponseWriter, r *http.Request) error {
	return c.status(w, r, payments.StatusCancel)
}

func (c *Console) status(w http.ResponseWriter, r *http.Request, status payments.Status) error {
	if err := read(w, r, &struct{}{}); err != nil {
		return err
	}
	return c.updated(w, r, url.Values{"Status": {string(status)}})
}

func (c *Console) updated(w http.ResponseWriter, r *http.Request, form url.Values) error {
	result, err := c.update(r, r.PathValue("session"), form)
	if err != nil {
		return err
	}
	reply(w, http.StatusOK, result)
	return nil
}

// again sends a request again, unchanged or with other fields.
func (c *Console) again(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Key  string             `json:"key"`
		Form map[string]*string `json:"form"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	rec, err := c.request(r.PathValue("number"))
	if err != nil {
		return err
	}
	form := url.Values{}
	for name, values := range rec.Form {
		form[name] = slices.Clone(values)
	}
	switch command.Key {
	case "same":
	case "new":
		form.Set("IdempotencyKey", newKey())
	default:
		return badField("key", "must be same or new")
	}
	for name, value := range command.Form {
		if value == nil {
			form.Del(name)
		} else {
			form.Set(name, *value)
		}
	}
	result, err := c.post(r.Context(), rec.Path, form)
	if err != nil {
		return err
	}
	reply(w, http.StatusOK, result)
	return nil
}

// named is a value of the API with its label.
type named struct {
	Name  string `json:"name"`
	Label string `json:"label"`
}
