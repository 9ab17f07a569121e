package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestParametersOnTheWire(t *testing.T) {
	t.Parallel()
	text, err := wire.Parameters{"b": "<&>", "a": "say \"hi\"\\\n", "ü": "€"}.AppendText(nil)
	if want := `{"a":"say \"hi\"\\\u000a","b":"<&>","ü":"€"}`; err != nil || string(text) != want {
		t.Errorf("written as %s, %v, want %s", text, err, want)
	}
	for _, p := range []wire.Parameters{{"a": "\xff"}, {"\xff": "a"}} {
		if _, err := p.AppendText(nil); !errors.Is(err, wire.ErrParameters) {
			t.Errorf("text that is not UTF-8 is taken: %v", err)
		}
	}
}

func TestParametersAreJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := wire.Parameters(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "p"))
		text, err := p.AppendText(nil)
		if err != nil {
			t.Fatal(err)
		}
		var back wire.Parameters
		if err := json.Unmarshal(text, &back); err != nil || cmp.Diff(p, back) != "" || !utf8.Valid(text) {
			t.Fatalf("%q is read back as %v: %s", text, err, cmp.Diff(p, back))
		}
	})
}

func TestParametersHideTheirValues(t *testing.T) {
	t.Parallel()
	const secret = "Jane-Doe-marked"
	p := wire.Parameters{"AVSName": secret}
	holder := struct{ Parameter wire.Parameters }{p}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		for _, value := range []any{p, &p, holder, &holder, []any{p}} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s of %T prints the value", verb, value)
			}
		}
	}
	if got := fmt.Sprint(p); got != "map[AVSName:…]" {
		t.Errorf("prints %s, want the names", got)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "p", p)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "p", p)
	if strings.Contains(log.String(), secret) || !strings.Contains(log.String(), "AVSName") {
		t.Errorf("logged as %s", log.String())
	}
	text, err := json.Marshal(p)
	if err != nil || string(text) != `{"AVSName":"`+secret+`"}` {
		t.Errorf("json.Marshal is not complete: %s, %v", text, err)
	}
}
