package payments_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Every secret of these tests holds this word, so that output can be searched.
const marked = "marked"

// printed is v by every verb, as JSON, and logged both ways.
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
	const secretBody = `{"code":64020,"message":"cannot use https://pay.example.com/status?token=marked-callback with marked-avs-name, marked-auth-token",` +
		`"more_info":"https://example.com/marked-avs-name","details":{"body":"marked-details"}}`
	params := payments.CreateParams{StatusCallback: callback, Parameter: wire.Parameters{"AVSName": "marked-avs-name"}}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	repeating := roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("proxy says: %s %s %s", r.Header.Get("Authorization"), callback, "marked-avs-name")
	})
	transport := &http.Client{Transport: repeating}

	things := map[string]any{}
	for name, client := range map[string]*payments.Client{
		"Twilio's answer":      newClient(t, newServer(t, answer(400, secretBody)).URL, payments.WithLogger(logger)),
		"HTML":                 newClient(t, newServer(t, answer(502, "<html>marked-page</html>")).URL, payments.WithLogger(logger), payments.WithMaxRetries(0)),
		"a transport's error":  newClient(t, "https://api.example.com", payments.WithHTTPClient(transport), payments.WithLogger(logger), payments.WithMaxRetries(0)),
		"an answer of nothing": newClient(t, newServer(t, answer(201, `{"sid":"marked-sid"}`)).URL, payments.WithLogger(logger)),
	} {
		_, err := client.Create(context.Background(), callSID, params)
		e := failure(t, err)
		things[name] = err
		things[name+", its value"] = *e
		things[name+", wrapped"] = struct{ Err error }{fmt.Errorf("paying: %w", err)}
		things[name+", its cause"] = fmt.Sprint(errors.Unwrap(err))
		things[name+", the client"] = client
		things[name+", its value of a client"] = *client
		things[name+", the client in a struct"] = struct {
			Client *payments.Client
			client payments.Client
			hidden *payments.Client
		}{client, *client, client}
	}
	_, err := newClient(t, "https://api.example.com").Create(context.Background(), "marked-call", payments.CreateParams{
		StatusCallback: "marked-callback", ChargeAmount: "marked", Currency: "marked\xff", Parameter: wire.Parameters{"marked-ok": ""},
	}, payments.WithLogger(logger))
	things["a refusal before the network"] = err
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
		t.Errorf("the log holds a secret, or nothing:\n%s", log.String())
	}
	if text := things["Twilio's answer"].(error).Error(); !strings.Contains(text, "cannot use [redacted] with [redacted], [redacted]") {
		t.Errorf("the message is lost: %s", text)
	}
}

func TestParametersHideTheirValuesInParams(t *testing.T) {
	t.Parallel()
	params := payments.CreateParams{Parameter: wire.Parameters{"AVSName": "marked"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{params, &params, []payments.CreateParams{params}} {
			if text := fmt.Sprintf(verb, v); leaks(text) {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
	text, err := json.Marshal(full)
	var back payments.CreateParams
	if err != nil || json.Unmarshal(text, &back) != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if string(again) != string(text) || !strings.Contains(string(text), "Jane") {
		t.Errorf("stored parameters are not complete:\n%s\n%s", text, again)
	}
}
