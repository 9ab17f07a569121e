package payments

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// refusal is what the body of an answer that is not a success says.
type refusal struct {
	code              int
	message, moreInfo string
	details           map[string]any
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
	return r
}

// isWrongType tells a field that cannot be read from text that is not JSON.
func isWrongType(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}
