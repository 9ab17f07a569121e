package wire_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

// verbs include some for which fmt calls methods and some for which it does not.
var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%c", "%U", "%t", "%e", "%p", "%T", "%w", "%z", "%!", "%10v", "%-80.3s", "%+#v"}

// printed returns v printed by every verb, encoder and log handler: by itself, in
// exported and unexported fields, behind pointers, and in lists and maps.
func printed(t *testing.T, v any) string {
	t.Helper()
	type holder struct {
		Exported   any
		unexported any
	}
	h := holder{v, v}
	var out bytes.Buffer
	for _, value := range []any{v, &v, []any{v}, map[string]any{"k": v}, h, &h, []holder{h}, []*holder{&h}} {
		for _, verb := range verbs {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		fmt.Fprintln(&out, value)
		_ = json.NewEncoder(&out).Encode(value) // what it refuses it does not show
		_ = xml.NewEncoder(&out).Encode(value)
		_ = gob.NewEncoder(&out).Encode(value)
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).With("a", value).WithGroup("g").Info("m", slog.Any("v", value))
		}
	}
	return out.String()
}

func shows(text, secret string) bool {
	return strings.Contains(text, secret) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", secret)) ||
		strings.Contains(text, fmt.Sprintf("% x", secret)) || strings.Contains(text, fmt.Sprintf("%d", []byte(secret)))
}

func TestHiddenIsNeverPrinted(t *testing.T) {
	t.Parallel()
	const secret = "tok_SECRET"
	type card string
	type fields struct {
		Token wire.Hidden[string]
		card  wire.Hidden[card]
		list  []wire.Hidden[string]
		other *fields
	}
	h := wire.Hide(secret)
	var at wire.Hidden[card]
	at.HideAt(func(i int) string { return []string{"", secret}[i] }, 1)
	f := fields{h, wire.Hide(card(secret)), []wire.Hidden[string]{h}, &fields{Token: h}}
	for name, v := range map[string]any{"text": h, "pointer": &h, "one of many": at, "pointer to one of many": &at, "fields": f, "pointer to fields": &f, "list": []fields{f}, "map": map[string]wire.Hidden[string]{"k": h}} {
		if text := printed(t, v); shows(text, secret) {
			t.Errorf("%s is shown: %s", name, text)
		}
	}
	if h.Reveal() != secret || at.Reveal() != secret || f.card.Reveal() != secret {
		t.Error("the text cannot be read")
	}
}

func TestHiddenZero(t *testing.T) {
	t.Parallel()
	var zero wire.Hidden[string]
	if zero.Reveal() != "" || !zero.IsZero() || !wire.Hide("").IsZero() || fmt.Sprint(zero) != "" || fmt.Sprint(wire.Hide("x")) != "…" {
		t.Error("the zero value is not the empty text")
	}
	if diff := cmp.Diff([]wire.Hidden[string]{zero, wire.Hide("a")}, []wire.Hidden[string]{wire.Hide(""), wire.Hide("a")}); diff != "" {
		t.Error(diff)
	}
	if zero.Equal(wire.Hide("a")) {
		t.Error("the empty text equals another")
	}
	data, err := json.Marshal(struct {
		A wire.Hidden[string]
		B wire.Hidden[string] `json:",omitzero"`
		C wire.Hidden[string]
	}{C: wire.Hide("x")})
	if err != nil || string(data) != `{"A":"","C":"…"}` {
		t.Errorf("JSON %s, %v", data, err)
	}
	var read struct{ Token wire.Hidden[string] }
	if err := json.Unmarshal([]byte(`{"Token":"t"}`), &read); err != nil || read.Token.Reveal() != "t" {
		t.Errorf("read %q (want \"t\"), %v", read.Token.Reveal(), err)
	}
}

// TestHideAt: values that share one function have their own texts, and an empty
// text gives the zero value.
func TestHideAt(t *testing.T) {
	t.Parallel()
	texts := []string{"a", "", "c"}
	list := make([]wire.Hidden[string], len(texts))
	for i := range list {
		list[i] = wire.Hide("before")
		list[i].HideAt(func(i int) string { return texts[i] }, i)
		if h := list[i]; h.Reveal() != texts[i] || h.IsZero() != (texts[i] == "") || !h.Equal(wire.Hide(texts[i])) {
			t.Errorf("text %d is %q, want %q", i, h.Reveal(), texts[i])
		}
	}
}
