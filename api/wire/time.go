package wire

import (
	"bytes"
	"encoding/json"
	"time"
)

// dateLayouts are the forms of RFC 2822 dates that REST responses were seen to have.
var dateLayouts = []string{
	time.RFC1123Z,
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04:05 -0700",
	time.RFC1123,
}

// Time is a date as Twilio writes it: RFC 2822 in REST responses, ISO 8601 in
// status callbacks. It reads both and writes RFC 2822.
//
// An unreadable date is the zero Time and not an error, because a session exists
// whatever its date, and its SID must not be lost.
type Time struct{ time.Time }

// ParseTime reads a date in any form that Twilio uses, and reports whether it
// could. It refuses dates outside the years 0 to 9999 in UTC, which cannot be
// written as JSON.
func ParseTime(s string) (Time, bool) {
	t, err := parseTime(s)
	if year := t.UTC().Year(); err != nil || year < 0 || year > 9999 {
		return Time{}, false
	}
	return Time{t}, true
}

func parseTime(s string) (t time.Time, err error) {
	if len(s) > 4 && s[4] == '-' {
		return time.Parse(time.RFC3339, s)
	}
	for _, layout := range dateLayouts {
		if t, err = time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return t, err
}

// UnmarshalJSON reads a date from a JSON string. null and anything that is not a
// date give the zero Time and no error.
func (t *Time) UnmarshalJSON(data []byte) error {
	*t = Time{}
	if s, ok := unquote(data); ok {
		*t, _ = ParseTime(s)
	}
	return nil
}

// unquote reads a JSON string. Dates need no escapes, so it rarely needs a decoder.
func unquote(data []byte) (string, bool) {
	if n := len(data); n >= 2 && data[0] == '"' && data[n-1] == '"' && bytes.IndexByte(data, '\\') < 0 {
		return string(data[1 : n-1]), true
	}
	var s string
	err := json.Unmarshal(data, &s)
	return s, err == nil
}

// MarshalJSON writes t in UTC as RFC 2822, the zero Time as null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.UTC().Format(time.RFC1123Z))
}
