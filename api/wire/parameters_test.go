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
	text, err := wire.NewParameters(map[string]string{"b": "<&>", "a": "say \"hi\"\\\n", "ü": "€"}).AppendText(nil)
	if want := `{"a":"say \"hi\"\\\u000a","b":"<&>","ü":"€"}`; err != nil || string(text) != want {
		t.Errorf("written as %s, %v, want %s", text, err, want)
	}
	for _, p := range []map[string]string{{"a": "\xff"}, {"\xff": "a"}} {
		if _, err := wire.NewParameters(p).AppendText(nil); !errors.Is(err, wire.ErrParameters) {
			t.Errorf("text that is not UTF-8 was accepted: %v, want wire.ErrParameters", err)
		}
	}
}

func TestParametersAreJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := wire.NewParameters(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "p"))
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
	p := wire.NewParameters(map[string]string{"AVSName": secret})
	holder := struct{ Parameter wire.Parameters }{p}
	unexported := struct {
		p    wire.Parameters
		list []wire.Parameters
	}{p, []wire.Parameters{p}}
	for _, verb := range verbs {
		for _, value := range []any{p, &p, holder, &holder, []any{p}, unexported, &unexported} {
			if text := fmt.Sprintf(verb, value); shows(text, secret) {
				t.Errorf("%s of %T prints the value", verb, value)
			}
		}
	}
	if got := fmt.Sprint(p); got != "map[AVSName:…]" {
		t.Errorf("prints %s, want only the names", got)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "p", p)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "p", p)
	if strings.Contains(log.String(), secret) || !strings.Contains(log.String(), "AVSName") {
		t.Errorf("logged as %s", log.String())
	}
	if values := p.Reveal(); values["AVSName"] != secret || p.Get("AVSName") != secret || p.Get("x") != "" || p.IsZero() {
		t.Errorf("cannot be read: %v", values)
	} else if values["AVSName"] = "changed"; p.Get("AVSName") != secret {
		t.Error("Reveal does not return a copy")
	}
	text, err := json.Marshal(p)
	if err != nil || string(text) != `{"AVSName":"`+secret+`"}` {
		t.Errorf("json.Marshal does not write all values: %s, %v", text, err)
	}
}
