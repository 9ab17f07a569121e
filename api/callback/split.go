package callback

import (
	"errors"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

var (
	errSIDs     = errors.New("not a payment status callback: AccountSid, CallSid or Sid is missing, repeated or malformed")
	errRepeated = errors.New("Result is repeated")
	errSplit    = errors.New("form is not split into parameters as Twilio split it")
)

// checkSplit refuses a form whose parameters cannot be those that Twilio sent.
//
// The signed text has no separators. Someone who recorded a delivery can split its
// text into other parameters, and the signature still matches. A wrong split shows
// in two places: in the SIDs, which every callback has in a fixed form, and in the
// parameters that decide what a callback reports. If another parameter has
// absorbed one of these, its name and a known value are in the text at a place
// where no such parameter starts. If it has absorbed another parameter, its value
// contains the other's name.
//
// The end of the URL can be moved into the form, where it comes first: none of
// Twilio's parameters that sort before AccountSid has a name like "?step" or "3".
//
// form is canonical.
func checkSplit(form signature.Form) error {
	f := splitForm(form)
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
			return errSplit
		}
	}
	if _, n := f.only("Result"); n > 1 {
		return errRepeated
	}
	var text string
	for _, d := range deciding {
		if value, n := f.only(d.name); n > 0 {
			if f.absorbs(d, value) {
				return errSplit
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
			if d.startsKnown(text[at+len(d.name):]) && !f.isNew(at, at+len(d.name)) {
				return errSplit
			}
		}
	}
	return nil
}

var sids = [...]sid.Kind{sid.Account, sid.Call, sid.Payment}

// splitForm is a form that may be split differently from the one Twilio sent.
type splitForm signature.Form

// text returns the text of f that is signed.
func (f splitForm) text() string {
	var b strings.Builder
	for _, p := range f {
		b.WriteString(p.Key)
		b.WriteString(p.Value)
	}
	return b.String()
}

// deciding lists the parameters that decide what a callback reports, and their
// known values.
var deciding = [...]decision{
	{"Result", func(s string) bool { return Result(s).Valid() }},
	{"ErrorType", func(s string) bool { return ErrorType(s).Valid() }},
	{"Capture", func(s string) bool { return Capture(s).Valid() }},
	{"Required", func(s string) bool { return captureNamed(s).Valid() }},
	{"PartialResult", func(s string) bool { return s == "true" || s == "false" }},
	{"PayErrorCode", func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }},
}

type decision struct {
	name  string
	known func(string) bool
}

// startsKnown reports whether text starts with a known value.
func (d decision) startsKnown(text string) bool {
	const most = 64 // longer than any of them
	for n := 1; n <= min(len(text), most); n++ {
		if d.known(text[:n]) {
			return true
		}
	}
	return false
}

// absorbs reports whether value is a known or an empty value, followed by the name
// of a documented parameter that the form lacks. Required may list fields by the
// names of parameters, so for it the empty value does not count.
func (f splitForm) absorbs(d decision, value string) bool {
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

// isNew reports whether what stands from one place of the text to another is the
// end of a longer parameter name that Twilio may have added, such as LastErrorType,
// and that was not split off documented ones: it has only letters, and does not
// start with a documented name that the form lacks.
func (f splitForm) isNew(from, to int) bool {
	start := 0
	for _, p := range f {
		if start < from && start+len(p.Key) == to {
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

// isName reports whether s is a letter followed by letters, digits and underscores.
func isName(s string) bool {
	for i, r := range s {
		letter := r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}

// only returns the first value of key and the number of values.
func (f splitForm) only(key string) (value string, n int) { return signature.Form(f).First(key) }
