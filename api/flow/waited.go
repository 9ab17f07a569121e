package flow

import (
	"fmt"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// waited adds to the error of a step what it waited for since began, and what
// came instead.
func (s *step) waited(what string, began time.Time, err error) error {
	f := s.f
	f.mu.Lock()
	defer f.mu.Unlock()
	came := "no callback of the session has come: does StatusCallback lead to flow.Handler?"
	if n := len(f.progress); n > 0 {
		came = "Twilio has posted nothing about this request; the last callback was " + f.progress[n-1].summary()
		if f.heard[s.number] {
			came = "the last callback was " + f.progress[n-1].summary()
		}
	}
	return fmt.Errorf("waited %s for %s; %s: %w", time.Since(began).Round(time.Millisecond), what, came, err)
}

// summary says in a few words what a callback was about.
func (p Progress) summary() string {
	words := []string{string(p.Kind)}
	switch {
	case p.Kind == callback.Completed:
		words = append(words, string(p.Result))
	case p.Capture != "":
		words = append(words, string(p.Capture))
	}
	if p.Entering {
		words = append(words, "(still entering)")
	}
	if p.Error != "" {
		words = append(words, "("+string(p.Error)+")")
	}
	return strings.Join(words, " ")
}
