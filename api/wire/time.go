package wire

import (
	"bytes"
	"encoding/json"
	"time"
)

// dateLayouts are the forms a date has been seen in in REST responses: RFC 2822.
var dateLayouts = []string{
	time.RFC1123Z,
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04:05 -0700",
	time.RFC1123,
}

// Time is a moment as Twilio writes it: RFC 2822 in REST responses, ISO 8601 in
// status callbacks. Reading takes both; writing gives RFC 2822.
//
// A date that cannot be read leaves the zero Time and is no error: the session
// it came with exists all the same, and its SID must not be lost for a date.
type Time struct{ time.Time }

// ParseTime reads a date in any form Twilio uses, and reports whether it could.
// One before the year 0 or after 9999 in UTC cannot be read: it could not be
// written as JSON again.
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

// UnmarshalJSON reads a date from a JSON string. null and anything that is not
// a date give the zero Time.
func (t *Time) UnmarshalJSON(data []byte) error {
	*t = Time{}
	if s, ok := unquote(data); ok {
		*t, _ = ParseTime(s)
	}
	return nil
}

// unquote reads a JSON string. No date needs an escape, so that a decoder for
// them is hardly ever started.
func unquote(data []byte) (string, bool) {
	if n := len(data); n >= 2 && data[0] == '"' && data[n-1] == '"' && bytes.IndexByte(data, '\\') < 0 {
		return string(data[1 : n-1]), true
	}
	var s string
	err := json.Unmarshal(data, &s)
	return s, err == nil
}

// MarshalJSON writes t in UTC by RFC 2822, the zero Time as null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.UTC().Format(time.RFC1123Z))
}
