package payments_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/testvectors"
)

// responseCase is a response, and whether it holds a session.
type responseCase struct {
	status  int
	header  string // one "name: value" per line
	body    string
	session bool
}

var responseCases = map[string]responseCase{
	"as documented":                {201, "Content-Type: application/json", sessionJSON, true},
	"only the SID":                 {201, "Content-Type: application/json", `{"sid":"` + paymentSID + `"}`, true},
	"further fields":               {201, "Content-Type: application/json", `{"new":{"a":[1]},"sid":"` + paymentSID + `"}`, true},
	"all others null":              {201, "Content-Type: application/json", `{"account_sid":null,"call_sid":null,"date_created":null,"date_updated":null,"uri":null,"sid":"` + paymentSID + `"}`, true},
	"invalid dates":                {201, "Content-Type: application/json", `{"date_created":"yesterday","date_updated":1576699321,"sid":"` + paymentSID + `"}`, true},
	"wrong types beside the SID":   {201, "Content-Type: application/json", `{"uri":7,"account_sid":[],"call_sid":{},"sid":"` + paymentSID + `"}`, true},
	"a byte order mark":            {201, "Content-Type: application/json", "\xef\xbb\xbf" + sessionJSON, true},
	"white space around":           {201, "Content-Type: application/json", " \r\n" + sessionJSON + "\n", true},
	"another media type":           {201, "Content-Type: text/plain", sessionJSON, true},
	"no media type":                {201, "", sessionJSON, true},
	"another charset named":        {201, "Content-Type: application/json; charset=iso-8859-1", sessionJSON, true},
	"no SID":                       {201, "Content-Type: application/json", `{"call_sid":"` + callSID + `"}`, false},
	"an empty object":              {201, "Content-Type: application/json", `{}`, false},
	"SID null":                     {201, "Content-Type: application/json", `{"sid":null}`, false},
	"SID empty":                    {201, "Content-Type: application/json", `{"sid":""}`, false},
	"another kind of SID":          {201, "Content-Type: application/json", `{"sid":"` + callSID + `"}`, false},
	"SID with dot segments":        {201, "Content-Type: application/json", `{"sid":"PK/../../../../../../../../../../.."}`, false},
	"SID a number":                 {201, "Content-Type: application/json", `{"sid":7}`, false},
	"SID in other case":            {201, "Content-Type: application/json", `{"SID":"pk` + paymentSID[2:] + `"}`, false},
	"null":                         {201, "Content-Type: application/json", `null`, false},
	"true":                         {201, "Content-Type: application/json", `true`, false},
	"a number":                     {201, "Content-Type: application/json", `42`, false},
	"text":                         {201, "Content-Type: application/json", `"` + paymentSID + `"`, false},
	"a list":                       {201, "Content-Type: application/json", `[` + sessionJSON + `]`, false},
	"nothing":                      {201, "Content-Type: application/json", ``, false},
	"white space":                  {201, "Content-Type: application/json", " \n", false},
	"truncated JSON":               {201, "Content-Type: application/json", sessionJSON[:len(sessionJSON)-3], false},
	"one byte":                     {201, "Content-Type: application/json", `{`, false},
	"bytes after it":               {201, "Content-Type: application/json", sessionJSON + "x", false},
	"two sessions":                 {201, "Content-Type: application/json", sessionJSON + sessionJSON, false},
	"UTF-16":                       {201, "Content-Type: application/json; charset=utf-16", "\xff\xfe{\x00}\x00", false},
	"HTML":                         {201, "Content-Type: text/html", "<html>OK</html>", false},
	"XML":                          {201, "Content-Type: application/xml", `<TwilioResponse><Sid>` + paymentSID + `</Sid></TwilioResponse>`, false},
	"deeply nested":                {201, "Content-Type: application/json", strings.Repeat("[", 100_000), false},
	"oversize":                     {201, "Content-Type: application/json", `{"sid":"` + paymentSID + `","uri":"` + strings.Repeat("x", 2<<20) + `"}`, false},
	"update's status for a create": {202, "Content-Type: application/json", sessionJSON, true},
	"200":                          {200, "Content-Type: application/json", sessionJSON, true},
	"200 without a session":        {200, "Content-Type: application/json", `{}`, false},
	"299":                          {299, "Content-Type: application/json", sessionJSON, true},
	"another account":              {201, "Content-Type: application/json", strings.Replace(sessionJSON, accountSID, otherAccount, 1), false},
	"another call":                 {201, "Content-Type: application/json", strings.Replace(sessionJSON, callSID, "CA"+strings.Repeat("0", 32), 1), false},
	"call_sid is not a SID":        {201, "Content-Type: application/json", `{"sid":"` + paymentSID + `","call_sid":"x"}`, true},
	"SIDs in capitals":             {201, "Content-Type: application/json", `{"sid":"` + paymentSID + `","call_sid":"CA` + strings.ToUpper(callSID[2:]) + `"}`, true},
	"204":                          {204, "", "", false},
	"205":                          {205, "", "", false},
	"301":                          {301, "Location: /elsewhere", "", false},
	"302 with a session":           {302, "Location: https://evil.example/\nContent-Type: application/json", sessionJSON, false},
	"303":                          {303, "Location: /elsewhere", "", false},
	"304":                          {304, "", "", false},
	"307":                          {307, "Location: /elsewhere", "", false},
	"308 without Location":         {308, "", "", false},
	"400 with a session":           {400, "Content-Type: application/json", sessionJSON, false},
	"404 in HTML":                  {404, "Content-Type: text/html", "<html>", false},
	"418 with no body":             {418, "", "", false},
	"422 problem":                  {422, "Content-Type: application/problem+json", `{"title":"t","detail":"d"}`, false},
	"499":                          {499, "", "x", false},
	"500 with wrong types":         {500, "Content-Type: application/json", `{"code":"x","message":7,"status":[],"details":1}`, false},
	"599":                          {599, "Content-Type: application/json", `[]`, false},
	"999":                          {999, "", "", false},
}

// No response makes the client panic or succeed without a session.
func TestResponses(t *testing.T) {
	t.Parallel()
	for name, c := range responseCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkResponse(t, c)
		})
	}
}

func checkResponse(t *testing.T, c responseCase) {
	t.Helper()
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		for line := range strings.Lines(c.header) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(c.status)
		_, _ = io.WriteString(w, c.body)
	})
	client := newClient(t, s.URL, payments.WithMaxRetries(0))
	session, err := operations["create"](context.Background(), client)
	soundResult(t, session, err)
	if got := err == nil; got != c.session {
		t.Errorf("success is %v (%v), want %v", got, err, c.session)
	}
	if n := len(s.all()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// soundResult fails unless the result is either a usable session or an error with
// its key, its cause and whether the outcome is unknown.
func soundResult(t *testing.T, session *payments.Session, err error) {
	t.Helper()
	var failed *payments.Error
	switch {
	case err == nil && (session == nil || session.SID != paymentSID || session.CallSID == "" || session.AccountSID == ""):
		t.Errorf("success with session %+v", session)
	case err != nil && (!errors.As(err, &failed) || session != nil):
		t.Errorf("session %+v and error %v", session, err)
	case err != nil && failed.Status < 400 && !failed.OutcomeUnknown():
		t.Errorf("%v: the outcome must be unknown", err)
	case err != nil && failed.Status < 400 && errors.Unwrap(failed) == nil:
		t.Errorf("%v: does not say what is wrong with the response", err)
	case err != nil && failed.IdempotencyKey == "":
		t.Errorf("%v: without a key", err)
	}
}

// A response cut short at any byte is an error, with Content-Length or without.
func TestResponsesCutShort(t *testing.T) {
	t.Parallel()
	for _, sized := range []bool{true, false} {
		for cut := range len(sessionJSON) {
			conn := &cutConn{body: sessionJSON[:cut], sized: sized, length: len(sessionJSON)}
			client := newClient(t, "https://api.twilio.com", payments.WithMaxRetries(0),
				payments.WithHTTPClient(&http.Client{Transport: &http.Transport{DialTLSContext: conn.dial}}))
			session, err := operations["create"](context.Background(), client)
			soundResult(t, session, err)
			if err == nil {
				t.Errorf("%d of %d bytes, Content-Length %v: accepted", cut, len(sessionJSON), sized)
			}
		}
	}
}

// cutConn makes connections that end in the middle of a response.
type cutConn struct {
	body   string
	sized  bool // send length as Content-Length
	length int
}

func (c *cutConn) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer func() { _ = theirs.Close() }()
		if _, err := http.ReadRequest(bufio.NewReader(theirs)); err != nil {
			return
		}
		length := "Connection: close"
		if c.sized {
			length = fmt.Sprintf("Content-Length: %d", c.length)
		}
		_, _ = fmt.Fprintf(theirs, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n%s\r\n\r\n%s", length, c.body)
	}()
	return ours, nil
}

// A compressed response is decoded. One that is cut short, or not compressed at
// all, is an error.
func TestCompressedResponses(t *testing.T) {
	t.Parallel()
	var whole bytes.Buffer
	z := gzip.NewWriter(&whole)
	_, _ = io.WriteString(z, sessionJSON)
	_ = z.Close()
	for body, want := range map[string]bool{whole.String(): true, whole.String()[:40]: false, sessionJSON: false} {
		checkResponse(t, responseCase{201, "Content-Type: application/json\nContent-Encoding: gzip", body, want})
	}
}

// Responses from the test vectors, to a create on the call that they name.
func TestResponseVectors(t *testing.T) {
	t.Parallel()
	call := "CA" + strings.Repeat("a", 32)
	for _, c := range testvectors.Responses() {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil
				for name, value := range c.Headers {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.Status)
				_, _ = io.WriteString(w, c.Body)
			})
			client := newClient(t, s.URL, payments.WithMaxRetries(0), payments.WithAttemptTimeout(10*time.Second))
			session, err := client.Create(context.Background(), call, payments.CreateParams{StatusCallback: callback})
			if err == nil && (session == nil || !strings.HasPrefix(session.SID, "PK")) {
				t.Errorf("success with session %+v", session)
			}
			if err != nil && session != nil {
				t.Errorf("session %+v and error %v", session, err)
			}
			named := strings.Contains(c.Body, `"sid": "PK`) && c.Status/100 == 2 && strings.HasPrefix(strings.TrimPrefix(c.Body, "\ufeff"), "{")
			if got := err == nil; got != named {
				t.Errorf("success is %v (%v), want %v", got, err, named)
			}
		})
	}
}
