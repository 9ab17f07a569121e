package payments_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Every secret in these tests contains this word, so output can be searched for it.
const marked = "marked"

// printed returns v printed with every verb, as JSON, and logged by both handlers.
func printed(v any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	text, _ := json.Marshal(v)
	out["json"] = string(text)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
	out["slog text"] = log.String()
	log.Reset()
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
	out["slog json"] = log.String()
	return out
}

func leaks(text string) bool {
	header := base64.StdEncoding.EncodeToString([]byte(accountSID + ":" + authToken))
	return strings.Contains(text, marked) || strings.Contains(text, header) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", marked))
}

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	const secretBody = `{"code":64020,"message":"cannot use https://pay.example.com/status?token=marked-callback with marked-avs-name, marked-auth-token; ` +
		`/status?token=marked-callback https%3A%2F%2Fpay.example.com%2Fstatus%3Ftoken%3Dmarked-callback marked-avs-name-too marked-extra marked-description",` +
		`"more_info":"https://example.com/marked-avs-name","details":{"body":"marked-details"}}`
	params := payments.CreateParams{StatusCallback: callback, Description: "marked-description",
		Parameter: wire.NewParameters(map[string]string{"AVSName": "marked-avs-name", "Other": "marked-avs-name-too"})}
	extra := payments.WithExtraParams(map[string][]string{"New": {"marked-extra"}})
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	repeating := roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("proxy http://user:marked-proxy@proxy.example says: %s %s %s %s", r.Header.Get("Authorization"),
			strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "), callback, "marked-avs-name")
	})
	transport := &http.Client{Transport: repeating}

	things := map[string]any{}
	for name, client := range map[string]*payments.Client{
		"Twilio's response":    newClient(t, newServer(t, respond(400, secretBody)).URL, payments.WithLogger(logger)),
		"HTML":                 newClient(t, newServer(t, respond(502, "<html>marked-page</html>")).URL, payments.WithLogger(logger), payments.WithMaxRetries(0)),
		"a transport's error":  newClient(t, "https://api.example.com", payments.WithHTTPClient(transport), payments.WithLogger(logger), payments.WithMaxRetries(0)),
		"a malformed response": newClient(t, malformed(t, "HTTP/1.1 marked-status\r\n\r\n"), payments.WithLogger(logger), payments.WithMaxRetries(0)),
		"an invalid session":   newClient(t, newServer(t, respond(201, `{"sid":"marked-sid"}`)).URL, payments.WithLogger(logger)),
	} {
		_, err := client.Create(context.Background(), callSID, params, extra)
		e := failure(t, err)
		things[name] = err
		things[name+", its value"] = *e
		things[name+", wrapped"] = struct{ Err error }{fmt.Errorf("paying: %w", err)}
		for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
			things[fmt.Sprintf("%s, its cause %T", name, cause)] = cause
		}
		things[name+", the client"] = client
		things[name+", its value of a client"] = *client
		things[name+", the client in a struct"] = struct {
			Client *payments.Client
			client payments.Client
			hidden *payments.Client
		}{client, *client, client}
		withExtra := newClient(t, "https://api.example.com", extra)
		things[name+", a client with extras, hidden"] = struct {
			client payments.Client
			hidden *payments.Client
		}{*withExtra, withExtra}
	}
	_, err := newClient(t, "https://api.example.com").Create(context.Background(), "marked-call", payments.CreateParams{
		StatusCallback: "marked-callback", ChargeAmount: "marked", Currency: "marked\xff", Parameter: wire.NewParameters(map[string]string{"marked-ok": ""}),
	}, payments.WithLogger(logger))
	things["a refusal before sending"] = err
	for name, option := range map[string]payments.Option{
		"credentials": payments.WithCredentials(accountSID, authToken), "key": payments.WithAPIKey(accountSID, keySID, "marked-secret"),
		"extra": payments.WithExtraParams(map[string][]string{"New": {"marked-extra"}}), "base": payments.WithBaseURL("https://marked.example"),
	} {
		things["option "+name] = option
	}

	for name, thing := range things {
		for how, text := range printed(thing) {
			if leaks(text) {
				t.Errorf("%s by %s prints a secret: %s", name, how, text)
			}
		}
	}
	if leaks(log.String()) || strings.Count(log.String(), "\n") < 8 {
		t.Errorf("the log is empty or holds a secret:\n%s", log.String())
	}
	if text := things["Twilio's response"].(error).Error(); !strings.Contains(text, "cannot use [redacted] with [redacted], [redacted]; [redacted] [redacted] [redacted] [redacted] [redacted]") {
		t.Errorf("redaction changed the rest of the message: %s", text)
	}
}

// malformed is a server whose response is not HTTP.
func malformed(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

// A link to Twilio's documentation is not redacted, even if a parameter's value
// occurs in it.
func TestMoreInfoSurvives(t *testing.T) {
	t.Parallel()
	_, err := once(t, respond(400, `{"code":64020,"message":"m","more_info":"https://www.twilio.com/docs/errors/64020"}`)).
		Create(context.Background(), callSID, payments.CreateParams{StatusCallback: callback, Parameter: wire.NewParameters(map[string]string{"a": "docs"})})
	if e := failure(t, err); e.MoreInfo != "https://www.twilio.com/docs/errors/64020" {
		t.Errorf("more_info is %s, want https://www.twilio.com/docs/errors/64020", e.MoreInfo)
	}
}

func TestParametersHideTheirValuesInParams(t *testing.T) {
	t.Parallel()
	params := payments.CreateParams{Parameter: wire.NewParameters(map[string]string{"AVSName": "marked"})}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{params, &params, []payments.CreateParams{params}} {
			if text := fmt.Sprintf(verb, v); leaks(text) {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
	var log bytes.Buffer
	for _, v := range []any{params, &params} {
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "params", v, slog.Group("g", "params", v))
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "params", v)
	}
	if leaks(log.String()) || !strings.Contains(log.String(), "AVSName") {
		t.Errorf("logged as %s", log.String())
	}
	text, err := json.Marshal(full)
	var back payments.CreateParams
	if err != nil || json.Unmarshal(text, &back) != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if string(again) != string(text) || !strings.Contains(string(text), "Jane") {
		t.Errorf("stored parameters are incomplete:\n%s\n%s", text, again)
	}
}
