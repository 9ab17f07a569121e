package callback

import (
	"errors"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

var (
	errSIDs     = errors.New("AccountSid, CallSid or Sid is missing, repeated or malformed, so this is no payment status")
	errRepeated = errors.New("Result is repeated")
	errRecut    = errors.New("form is cut differently from the one that Twilio signed")
)

// checkCut refuses a form whose parameters cannot be those that Twilio sent.
//
// The signed text has no separators. Whoever has recorded a delivery can cut its
// text into other parameters, and the signature still fits. What is cut wrongly
// shows in two places: the SIDs, which every callback has and which have a fixed
// form, and the parameters that decide what a callback reports. Was one of these
// swallowed by another parameter, its name and its known value still stand in
// the text, at a place where no such parameter begins. Has it swallowed another,
// that one's name stands in its value.
//
// The end of the URL can be moved into the form, where it comes first: no
// parameter of Twilio's that sorts before AccountSid has a name like "?step" or
// "3".
//
// form is canonical.
func checkCut(form signature.Form) error {
	f := cutForm(form)
	for _, kind := range sids {
		if value, n := f.only(kind.Name()); n != 1 || !kind.Is(value) {
			return errSIDs
		}
	}
	for _, p := range f {
		if p.Key >= "AccountSid" {
			break
		}
		if !isName(p.Key) { // the end of the URL
			return errRecut
		}
	}
	if _, n := f.only("Result"); n > 1 {
		return errRepeated
	}
	var text string
	for _, d := range deciding {
		if value, n := f.only(d.name); n > 0 {
			if f.swallows(d, value) {
				return errRecut
			}
			continue
		}
		if text == "" {
			text = f.text()
		}
		for at := 0; ; at += len(d.name) {
			i := strings.Index(text[at:], d.name)
			if i < 0 {
				break
			}
			at += i
			if d.beginsKnown(text[at+len(d.name):]) && !f.isNew(at+len(d.name)) {
				return errRecut
			}
		}
	}
	return nil
}

var sids = [...]sid.Kind{sid.Account, sid.Call, sid.Payment}

// cutForm is a form that may be cut differently from the one that was signed.
type cutForm signature.Form

// text returns what is signed of f.
func (f cutForm) text() string {
	var b strings.Builder
	for _, p := range f {
		b.WriteString(p.Key)
		b.WriteString(p.Value)
	}
	return b.String()
}

// deciding are the parameters that decide what a callback reports, and which
// values of them are known.
var deciding = [...]decision{
	{"Result", func(s string) bool { return Result(s).Valid() }},
	{"ErrorType", func(s string) bool { return ErrorType(s).Valid() }},
	{"Capture", func(s string) bool { return Capture(s).Valid() }},
	{"Required", func(s string) bool { return captureNamed(s).Valid() }},
	{"PartialResult", func(s string) bool { return s == "true" || s == "false" }},
}

type decision struct {
	name  string
	known func(string) bool
}

// beginsKnown reports whether text begins with a known value.
func (d decision) beginsKnown(text string) bool {
	const most = 64 // more than the longest has
	for n := 1; n <= min(len(text), most); n++ {
		if d.known(text[:n]) {
			return true
		}
	}
	return false
}

// swallows reports whether value is a known one, or an empty one, with the name
// of a documented parameter after it that is missing. Required may list fields
// by the names of parameters, so for it nothing alone is no such value.
func (f cutForm) swallows(d decision, value string) bool {
	if !strings.ContainsFunc(value, func(r rune) bool { return r >= 'A' && r <= 'Z' }) {
		return false
	}
	for name := range fieldNumbers {
		i := strings.Index(value, name)
		if i < 0 || i == 0 && d.name == "Required" || i > 0 && !d.known(value[:i]) {
			continue
		}
		if _, n := f.only(name); n == 0 {
			return true
		}
	}
	return false
}

// isNew reports whether the name that ends at a place in the text ends the name
// of a parameter that Twilio may have added, such as LastErrorType, and that is
// not cut out of documented ones: letters alone, and at its beginning no
// documented name that is missing.
func (f cutForm) isNew(end int) bool {
	start := 0
	for _, p := range f {
		if start+len(p.Key) == end {
			for documented := range fieldNumbers {
				if _, n := f.only(documented); n == 0 && strings.HasPrefix(p.Key, documented) {
					return false
				}
			}
			return !strings.ContainsFunc(p.Key, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') })
		}
		start += len(p.Key) + len(p.Value)
	}
	return false
}

// isName reports whether s is a letter, and letters, digits and underscores.
func isName(s string) bool {
	for i, r := range s {
		letter := r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}

// only returns the first value of key and how many there are.
func (f cutForm) only(key string) (value string, n int) { return signature.Form(f).First(key) }
