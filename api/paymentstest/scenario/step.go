package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// step is one action of the agent, or of the caller between prompts.
type step struct {
	verb    string
	capture string        // of "capture"
	wait    time.Duration // of "wait"
	refused int           // Twilio's code, if the request must be refused
}

// The verbs of steps.
const (
	doCreate   = "create"
	doCapture  = "capture"
	doComplete = "complete"
	doCancel   = "cancel"
	doWait     = "wait"
	doStar     = "star"
	doHangUp   = "hang-up"
)

var verbs = []string{doCreate, doCapture, doComplete, doCancel, doWait, doStar, doHangUp}

func (s step) String() string {
	text := s.verb
	switch s.verb {
	case doCapture:
		text += " " + s.capture
	case doWait:
		text += " " + s.wait.String()
	}
	if s.refused != 0 {
		text += " refused " + strconv.Itoa(s.refused)
	}
	return text
}

func (s step) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *step) UnmarshalText(text []byte) error {
	words := strings.Fields(string(text))
	if len(words) == 0 || !slices.Contains(verbs, words[0]) {
		return errors.New("must start with " + oneOf(verbs))
	}
	s.verb, words = words[0], words[1:]
	switch s.verb {
	case doCapture:
		if len(words) == 0 || !slices.Contains(captures(), words[0]) {
			return fmt.Errorf(`must be "capture FIELD": the field must be %s`, oneOf(captures()))
		}
		s.capture, words = words[0], words[1:]
	case doWait:
		var d duration
		if len(words) != 1 {
			return errors.New(`must be "wait TIME", such as "wait 2s"`)
		}
		if err := d.UnmarshalText([]byte(words[0])); err != nil {
			return fmt.Errorf(`must be "wait TIME": the time %w`, err)
		}
		s.wait = time.Duration(d)
		return nil
	}
	return s.readRefused(words)
}

// readRefused reads the rest of a step: "refused CODE" or nothing.
func (s *step) readRefused(words []string) error {
	if len(words) == 0 {
		return nil
	}
	if s.verb == doStar || s.verb == doHangUp {
		return fmt.Errorf("must be %q and nothing else", s.verb)
	}
	code := 0
	if len(words) == 2 && words[0] == "refused" {
		code, _ = strconv.Atoi(words[1])
	}
	if code <= 0 {
		return errors.New(`may only be followed by "refused CODE", such as "complete refused 64019"`)
	}
	s.refused = code
	return nil
}
