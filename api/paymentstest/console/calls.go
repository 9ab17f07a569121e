package console

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

var (
	callPattern    = regexp.MustCompile(`^CA[0-9a-f]{32}$`)
	sessionPattern = regexp.MustCompile(`^PK[0-9a-f]{32}$`)
)

// maxKeys limits the keys of one command.
const maxKeys = 64

// call returns the call that a path names. The server must know it.
func (c *Console) call(r *http.Request) (*paymentstest.Call, error) {
	sid := r.PathValue("call")
	if !callPattern.MatchString(sid) {
		return nil, badField("call", "must be a call SID, CA and 32 hexadecimal digits")
	}
	if call, known := c.srv.FindCall(sid); known {
		return call, nil
	}
	return nil, notFound("this call")
}

func (c *Console) newCall(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Caller string `json:"caller"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	call := c.srv.NewCall()
	if err := c.script(call, command.Caller, defaultPace); err != nil {
		return err
	}
	reply(w, http.StatusCreated, map[string]string{"call": call.SID})
	return nil
}

func (c *Console) pressKeys(w http.ResponseWriter, r *http.Request) error {
	call, err := c.call(r)
	if err != nil {
		return err
	}
	var command struct {
		Keys string `json:"keys"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	keys := strings.NewReplacer(" ", "", "-", "").Replace(command.Keys)
	if keys == "" || len(keys) > maxKeys || strings.Trim(keys, "0123456789*#") != "" {
		return badField("keys", "must be 1 to %d of the keys 0 to 9, * and #", maxKeys)
	}
	pressed := 0
	for i := range len(keys) {
		if err := call.Press(keys[i : i+1]); err != nil {
			if pressed > 0 && errors.Is(err, paymentstest.ErrNotAsked) {
				break // the entry ended before the last key
			}
			return keyFailure(err)
		}
		pressed++
	}
	reply(w, http.StatusOK, map[string]int{"pressed": pressed})
	return nil
}

// keyFailure returns the response for keys that could not be pressed.
func keyFailure(err error) error {
	switch {
	case errors.Is(err, paymentstest.ErrNotAsked):
		return fail(http.StatusConflict, "not-asked", "no capture is in progress, so Twilio ignores the keys: ask for a field first")
	case errors.Is(err, paymentstest.ErrCallEnded):
		return fail(http.StatusConflict, "call-ended", "the caller has hung up: start a new call")
	}
	return err
}

func (c *Console) typeEntry(w http.ResponseWriter, r *http.Request) error {
	call, err := c.call(r)
	if err != nil {
		return err
	}
	var command struct {
		Name    string `json:"name"`
		Card    string `json:"card"`
		Mistake string `json:"mistake"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	name := command.Name + command.Card + command.Mistake
	if name == "" || name != command.Name && name != command.Card && name != command.Mistake {
		return badField("name", "is missing: give exactly one of name, card and mistake")
	}
	prompt, asked := call.Prompt()
	err = call.Type(name)
	switch {
	case err == nil:
	case asked && errors.Is(err, paymentstest.ErrNotAsked):
		return fail(http.StatusConflict, "entry-begun", "digits were already pressed, so the entry ended early: ask for the field again")
	case errors.Is(err, paymentstest.ErrNotAsked), errors.Is(err, paymentstest.ErrCallEnded):
		return keyFailure(err)
	default:
		return badField("name", "cannot be typed now: %s", strings.TrimPrefix(err.Error(), "paymentstest: "))
	}
	reply(w, http.StatusOK, map[string]any{"capture": prompt.Capture, "confirm": prompt.Confirm, "name": name})
	return nil
}

func (c *Console) hangUp(w http.ResponseWriter, r *http.Request) error {
	call, err := c.call(r)
	if err != nil {
		return err
	}
	if err := read(w, r, &struct{}{}); err != nil {
		return err
	}
	call.HangUp()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// defaultPace is the pause before each key of a scripted caller: about that of a
// person.
const defaultPace = 150 * time.Millisecond

func (c *Console) setCaller(w http.ResponseWriter, r *http.Request) error {
	call, err := c.call(r)
	if err != nil {
		return err
	}
	var command struct {
		Caller string `json:"caller"`
		PaceMs *int   `json:"paceMs"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	pace, err := paceOf(command.PaceMs)
	if err != nil {
		return err
	}
	if err := c.script(call, command.Caller, pace); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// paceOf returns the pause before each key that a command sets.
func paceOf(ms *int) (time.Duration, error) {
	if ms == nil {
		return defaultPace, nil
	}
	if *ms < 0 || *ms > 10_000 {
		return 0, badField("paceMs", "must be 0 to 10000")
	}
	return time.Duration(*ms) * time.Millisecond, nil
}

// script makes a scripted caller take over a call. With an empty name the person
// takes over.
func (c *Console) script(call *paymentstest.Call, name string, pace time.Duration) error {
	var caller paymentstest.Caller
	if name != "" {
		var err error
		if caller, err = Caller(c.ctx, name, pace); err != nil {
			return badField("caller", "must be one of %s, or empty", scriptNames())
		}
	}
	call.TakeOver(caller)
	return nil
}
