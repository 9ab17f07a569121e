package console

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// folded is a session as [callback.State] shows it after its callbacks. The
// fields named By have the number of the entry that said so.
type folded struct {
	SID         string          `json:"sid"`
	Call        string          `json:"call,omitempty"`
	At          int64           `json:"at"`
	Captured    []capturedField `json:"captured"`
	Missing     []missingField  `json:"missing"`
	CanComplete bool            `json:"canComplete"`
	CompleteBy  int64           `json:"completeBy,omitempty"`
	Completed   bool            `json:"completed"`
	Succeeded   bool            `json:"succeeded"`
	Result      callback.Result `json:"result,omitempty"`
	ResultBy    int64           `json:"resultBy,omitempty"`
	Code        string          `json:"code,omitempty"`
	LastError   *lastError      `json:"lastError,omitempty"`
	Amount      string          `json:"amount,omitempty"`
	Method      string          `json:"method,omitempty"`
	// Moments are the callbacks of the session, to step through.
	Moments []int64 `json:"moments"`
	// Partial reports that the history has dropped the first callbacks of the session.
	Partial bool `json:"partial,omitempty"`
}

type capturedField struct {
	Capture payments.Capture `json:"capture"`
	Value   string           `json:"value,omitempty"`
	By      int64            `json:"by"`
}

type missingField struct {
	Capture payments.Capture `json:"capture"`
	By      int64            `json:"by"`
}

type lastError struct {
	Type    callback.ErrorType `json:"type"`
	Capture payments.Capture   `json:"capture,omitempty"`
	By      int64              `json:"by"`
}

// session folds the callbacks of a session, up to an entry if one is given.
func (c *Console) session(w http.ResponseWriter, r *http.Request) error {
	sid := r.PathValue("session")
	if !sessionPattern.MatchString(sid) {
		return badField("session", "must be a session SID, PK and 32 hexadecimal digits")
	}
	at, given, err := number(r, "at")
	if err != nil {
		return err
	}
	_, last := c.bounds()
	if !given || at > last {
		at = last
	}
	f := folder{folded: folded{SID: sid, At: at, Captured: []capturedField{}, Missing: []missingField{}, Moments: []int64{}}}
	opened := false
	for e := range c.all(func(e paymentstest.Entry) bool { return e.Session == sid }) {
		opened = opened || e.Kind == paymentstest.KindSessionOpened
		f.Call = cmp.Or(f.Call, e.Call)
		if e.Kind != paymentstest.KindCallbackMade || e.Callback.Number == 0 {
			continue
		}
		f.Moments = append(f.Moments, e.Number)
		if e.Number <= at {
			f.add(e)
		}
	}
	if f.Call == "" {
		return notFound("this session")
	}
	f.Partial = !opened
	reply(w, http.StatusOK, f.folded)
	return nil
}

// folder folds callbacks and records which of them changed what.
type folder struct {
	folded
	state callback.State
}

func (f *folder) add(e paymentstest.Entry) {
	event, err := callback.Parse(e.Callback.Form)
	if err != nil || f.state.Apply(event) != nil {
		return
	}
	f.note(e)
	if text, field := f.state.LastError(); text != "" && (event.ErrorType == text || f.LastError == nil) {
		f.LastError = &lastError{text, field, e.Number}
	}
	f.Amount, f.Method = cmp.Or(f.Amount, e.Callback.Form.Get("ChargeAmount")), cmp.Or(f.Method, e.Callback.Form.Get("PaymentMethod"))
}

func (f *folder) note(e paymentstest.Entry) {
	captured := f.state.Captured()
	f.Captured = slices.DeleteFunc(f.Captured, func(c capturedField) bool { return !slices.Contains(captured, c.Capture) })
	for _, field := range captured {
		value := e.Callback.Form.Get(parameters[field])
		i := slices.IndexFunc(f.Captured, func(c capturedField) bool { return c.Capture == field })
		switch {
		case i < 0:
			f.Captured = append(f.Captured, capturedField{field, value, e.Number})
		case value != "" && value != f.Captured[i].Value:
			f.Captured[i] = capturedField{field, value, e.Number}
		}
	}
	missing := f.state.Missing()
	f.Missing = slices.DeleteFunc(f.Missing, func(m missingField) bool { return !slices.Contains(missing, m.Capture) })
	for _, field := range missing {
		if !slices.ContainsFunc(f.Missing, func(m missingField) bool { return m.Capture == field }) {
			f.Missing = append(f.Missing, missingField{field, e.Number})
		}
	}
	if can := f.state.CanComplete(); can != f.CanComplete {
		f.CanComplete, f.CompleteBy = can, 0
		if can {
			f.CompleteBy = e.Number
		}
	}
	if result := f.state.Result(); result != f.Result {
		f.Result, f.ResultBy, f.Code = result, e.Number, e.Callback.Form.Get("PayErrorCode")
	}
	f.Completed, f.Succeeded = f.state.Completed(), f.state.Succeeded()
}
