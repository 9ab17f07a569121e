package payments

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// refusal is what the body of a response that is not a success says.
type refusal struct {
	code              int
	message, moreInfo string
	details           map[string]any
	permissions       []string
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// readRefusal reads Twilio's error object, or that of application/problem+json,
// as far as it can be read: a field of another type stays empty, what follows
// the object is ignored. It returns nil when there is no object.
func readRefusal(body []byte) *refusal {
	var e struct {
		Code          json.RawMessage
		Message       string
		MoreInfo      string `json:"more_info"`
		Details       map[string]any
		Title, Detail string
	}
	err := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark))).Decode(&e)
	if err != nil && !isWrongType(err) {
		return nil
	}
	r := &refusal{message: e.Message, moreInfo: e.MoreInfo, details: e.Details}
	for _, other := range []string{e.Title, e.Detail} {
		if r.message == "" {
			r.message = other
		}
	}
	if code, err := strconv.ParseFloat(string(bytes.Trim(e.Code, `"`)), 64); err == nil && code >= 0 && code < 1e9 {
		r.code = int(code)
	}
	if r.code == CodeAuthorizationFailed {
		var whole any
		_ = json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark))).Decode(&whole)
		r.permissions = appendPermissions(nil, whole)
	}
	return r
}

// maxPermissions is how many missing permissions are reported.
const maxPermissions = 10

// appendPermissions finds the permissions that a refusal names: paths such as
// /twilio/voice/calls/create, wherever in its texts. Which field has them is not
// documented.
func appendPermissions(found []string, v any) []string {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = appendPermissions(found, v[name])
		}
	case []any:
		for _, one := range v {
			found = appendPermissions(found, one)
		}
	case string:
		for _, word := range strings.FieldsFunc(v, notInPermission) {
			word = strings.TrimRight(word, "./-")
			if strings.HasPrefix(word, "/twilio/") && len(word) <= maxID && len(found) < maxPermissions && !slices.Contains(found, word) {
				found = append(found, word)
			}
		}
	}
	return found
}

func notInPermission(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/-_.*", r)
}

// isWrongType tells a field that cannot be read from text that is not JSON.
func isWrongType(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}
