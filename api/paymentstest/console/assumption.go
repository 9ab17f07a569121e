package console

import (
	"net/http"
	"reflect"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// assumption is a field of [paymentstest.Assumptions] as the page shows it.
type assumption struct {
	Field string `json:"field"`
	// Label names what Twilio does not document, Assumed what the zero value assumes.
	Label   string `json:"label"`
	Assumed string `json:"assumed"`
	// Type is bool, int, string, strings or durationMs.
	Type string `json:"type"`
}

var assumptions = []assumption{
	{"KnownCallsOnly", "A call that the server does not know yet", "is in progress", "bool"},
	{"Connectors", "Connector names", "all exist", "strings"},
	{"FinishedSessionStatus", "Update of a session that has ended: status", "404", "int"},
	{"FinishedSessionCode", "Update of a session that has ended: code", "20404", "int"},
	{"CancelResult", "Result of a cancel", "transaction-cancelled", "string"},
	{"NoCancelResult", "The callback after a cancel has no Result", "it has one", "bool"},
	{"EndToCreateURL", "URL of the callback after * or a hang-up", "the URL of the last accepted request", "bool"},
	{"SessionLifetime", "Lifetime of a session without requests", "unlimited", "durationMs"},
	{"ReportSessionInProgress", "A second session on a call also causes a callback", "it does not", "bool"},
	{"ReuseKeys", "One idempotency key may serve several operations", "it may not: 409, code 20409", "bool"},
	{"RecaptureForgetsSecurityCode", "Capturing the card number again discards the security code", "it stays captured", "bool"},
	{"HideMatchers", "Required leaves out matchers", "it lists them", "bool"},
	{"FinalPartialResult", "PartialResult of a finished entry", "absent", "string"},
	{"DashedCardMask", "Masked card numbers have separators", "they have none", "bool"},
	{"IgnoreConnectionOverrides", "Connection overrides in StatusCallback URLs", "honored", "bool"},
}

// shownAssumptions returns the current values by field.
func shownAssumptions(a paymentstest.Assumptions) map[string]any {
	shown, v := map[string]any{}, reflect.ValueOf(a)
	for _, as := range assumptions {
		switch field := v.FieldByName(as.Field); as.Type {
		case "durationMs":
			shown[as.Field] = time.Duration(field.Int()).Milliseconds()
		case "strings":
			shown[as.Field] = append([]string(nil), field.Interface().([]string)...)
		default:
			shown[as.Field] = field.Interface()
		}
	}
	return shown
}

// setAssumptions changes the assumptions that the command names.
func (c *Console) setAssumptions(w http.ResponseWriter, r *http.Request) error {
	var command assumptionsCommand
	if err := read(w, r, &command); err != nil {
		return err
	}
	c.settings.Lock() // makes read, change and write one step
	defer c.settings.Unlock()
	a := c.srv.Assumptions()
	given, target := reflect.ValueOf(command), reflect.ValueOf(&a).Elem()
	for i := range given.NumField() {
		value, name := given.Field(i), given.Type().Field(i).Name
		if value.IsNil() {
			continue
		}
		switch field := target.FieldByName(name); {
		case name == "SessionLifetime":
			a.SessionLifetime = time.Duration(*command.SessionLifetime) * time.Millisecond
		case value.Kind() == reflect.Slice && value.Len() == 0:
			field.SetZero() // an empty list: all connectors exist
		case value.Kind() == reflect.Slice:
			field.Set(value)
		default:
			field.Set(value.Elem().Convert(field.Type()))
		}
	}
	if err := c.srv.SetAssumptions(a); err != nil {
		return fail(http.StatusBadRequest, "bad-request", "%s", trimmed(err))
	}
	reply(w, http.StatusOK, shownAssumptions(c.srv.Assumptions()))
	return nil
}

// assumptionsCommand has the fields of [paymentstest.Assumptions]. A nil field is
// left unchanged. SessionLifetime is in milliseconds.
type assumptionsCommand struct {
	KnownCallsOnly               *bool
	Connectors                   []string
	FinishedSessionStatus        *int
	FinishedSessionCode          *int
	CancelResult                 *string
	NoCancelResult               *bool
	EndToCreateURL               *bool
	SessionLifetime              *int64
	ReportSessionInProgress      *bool
	ReuseKeys                    *bool
	RecaptureForgetsSecurityCode *bool
	HideMatchers                 *bool
	FinalPartialResult           *string
	DashedCardMask               *bool
	IgnoreConnectionOverrides    *bool
}
