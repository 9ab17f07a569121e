package callback_test

import (
	"encoding/json"
	"net/url"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// known is everything a State reports.
type known struct {
	Captured, Missing []callback.Capture
	CanComplete       bool
	Error             callback.ErrorType
	ErrorOf           callback.Capture
	Completed, OK     bool
	Result            callback.Result
	Err               string
}

func know(s callback.State) known {
	k := known{
		Captured: s.Captured(), Missing: s.Missing(), CanComplete: s.CanComplete(),
		Completed: s.Completed(), OK: s.Succeeded(), Result: s.Result(),
	}
	k.Error, k.ErrorOf = s.LastError()
	if err := s.Err(); err != nil {
		k.Err = err.Error()
	}
	return k
}

type failer interface {
	Fatal(...any)
	Helper()
}

func apply(t failer, s *callback.State, f url.Values) {
	t.Helper()
	e, err := callback.Parse(f)
	if err == nil {
		err = s.Apply(e)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func encoded(t failer, s callback.State) string {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func stored(t failer, s callback.State) callback.State {
	t.Helper()
	var read callback.State
	if err := json.Unmarshal([]byte(encoded(t, s)), &read); err != nil {
		t.Fatal(err)
	}
	return read
}
