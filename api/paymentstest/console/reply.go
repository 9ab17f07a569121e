package console

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxBody is the maximum length of a command, in bytes.
const maxBody = 64 << 10

// failure is an error of the API: a code for programs and a message for people.
type failure struct {
	status  int
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Field   string         `json:"field,omitempty"`
	Twilio  *twilioFailure `json:"twilio,omitempty"`
	retry   int            // Retry-After, in seconds
}

// twilioFailure is the error response of the simulated Twilio.
type twilioFailure struct {
	Status  int    `json:"status"`
	Code    int    `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

func (f *failure) Error() string { return f.Message }

func fail(status int, code, format string, args ...any) *failure {
	return &failure{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// badField returns a failure about one field of a command.
func badField(field, format string, args ...any) *failure {
	f := fail(http.StatusBadRequest, "bad-request", field+" "+format, args...)
	f.Field = field
	return f
}

func notFound(what string) *failure {
	return fail(http.StatusNotFound, "not-found", "%s was not found: it may have been dropped from the history", what)
}

// noSuchPath returns the failure for a path that the console does not have.
func noSuchPath() *failure {
	return fail(http.StatusNotFound, "not-found", "there is nothing at this path: api.html lists the paths of the API")
}

// reply writes a value as JSON.
func reply(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // the API's own types always encode
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func replyFailure(w http.ResponseWriter, err error) {
	f := new(failure)
	if !errors.As(err, &f) {
		f = fail(http.StatusInternalServerError, "internal", "the console failed: %v", err)
	}
	if f.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.retry))
	}
	reply(w, f.status, struct {
		Error *failure `json:"error"`
	}{f})
}

// read decodes a command: one JSON object without unknown fields.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fail(http.StatusUnsupportedMediaType, "not-json", "send a JSON object with Content-Type application/json")
	}
	body := bufio.NewReader(http.MaxBytesReader(w, r.Body, maxBody))
	if !startsObject(body) {
		return notAnObject
	}
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("text follows the object")
		}
	}
	tooLong, wrongType := new(http.MaxBytesError), new(json.UnmarshalTypeError)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooLong):
		return fail(http.StatusRequestEntityTooLarge, "too-large", "a command must be at most %d bytes long", maxBody)
	case errors.As(err, &wrongType):
		return badField(wrongType.Field, "must not be a JSON %s", wrongType.Value)
	}
	if field, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		field, _ = strconv.Unquote(field)
		return badField(field, "is not a field of this command")
	}
	return notAnObject
}

var notAnObject = fail(http.StatusBadRequest, "bad-request", "the body is not a JSON object")

// startsObject reports whether an object follows. For a body that cannot be read it
// returns true: the decoder then reports why.
func startsObject(body *bufio.Reader) bool {
	for {
		b, err := body.ReadByte()
		if err == nil && (b == ' ' || b == '\t' || b == '\n' || b == '\r') {
			continue
		}
		if err == nil {
			_ = body.UnreadByte()
		}
		return err != nil || b == '{'
	}
}

// trimmed returns an error's text without the package's prefix.
func trimmed(err error) string { return strings.TrimPrefix(err.Error(), "paymentstest: ") }
