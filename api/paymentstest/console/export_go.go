package console

import (
	"encoding/json"
	"fmt"
	"go/format"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// exportGo writes a request as a Go program that sends it with package payments.
func (c *Console) exportGo(w http.ResponseWriter, r *http.Request) error {
	rec, err := c.request(r.URL.Query().Get("request"))
	if err != nil {
		return err
	}
	call, imports := goCall(rec, strconv.Quote(rec.SID))
	text := `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/twiliopay/twiliopay-go/api/payments"
` + imports + `)

func main() {
	// TWILIO_BASE_URL, TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN come from the environment.
	client, err := payments.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx, callSID := context.Background(), ` + strconv.Quote(rec.CallSID) + `
	session, err := ` + call + `
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.SID)
}
`
	formatted, err := format.Source([]byte(text))
	if err != nil {
		return err
	}
	attach(w, "text/plain; charset=utf-8", "", formatted)
	return nil
}

// goCall returns the Go expression that sends a request with package payments. It
// uses the variables callSID and ctx; sid is the expression for the session of an
// update. imports has the import lines that its values need besides payments.
func goCall(rec paymentstest.Request, sid string) (call, imports string) {
	fields, wired := "", false
	params := reflect.TypeFor[payments.UpdateParams]()
	if rec.Operation == paymentstest.Create {
		params = reflect.TypeFor[payments.CreateParams]()
	}
	for field := range params.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if values := rec.Form[name]; len(values) > 0 {
			literal, usesWire := goLiteral(field.Type, values[0])
			fields += field.Name + ": " + literal + ",\n"
			wired = wired || usesWire
		}
	}
	if wired {
		imports = "\t\"github.com/twiliopay/twiliopay-go/api/wire\"\n"
	}
	if rec.Operation == paymentstest.Create {
		return "client.Create(ctx, callSID, payments.CreateParams{\n" + fields + "})", imports
	}
	return "client.Update(ctx, callSID, " + sid + ", payments.UpdateParams{\n" + fields + "})", imports
}

// goLiteral writes the value of a form field as a literal of its Go type.
func goLiteral(t reflect.Type, value string) (literal string, usesWire bool) {
	switch {
	case t == reflect.TypeFor[wire.Parameters]():
		return goParameters(value), true
	case t.Kind() == reflect.Pointer:
		inner, wired := goLiteral(t.Elem(), value)
		return "new(" + inner + ")", wired
	case t.Kind() == reflect.Bool:
		on, _ := strconv.ParseBool(strings.ToLower(value))
		return strconv.FormatBool(on), false
	case t.Kind() == reflect.Int:
		n, _ := strconv.Atoi(value)
		return strconv.Itoa(n), false
	case t.Kind() == reflect.Slice:
		return goList(t, value)
	}
	return strconv.Quote(value), false
}

// goList writes a list that is sent as one field.
func goList(t reflect.Type, value string) (literal string, usesWire bool) {
	kind, items := "wire.CommaList", strings.Split(value, ",")
	if strings.HasPrefix(t.Name(), "SpaceList") {
		kind, items = "wire.SpaceList", strings.Fields(value)
	}
	literal = kind + "[payments." + t.Elem().Name() + "]{"
	for _, item := range items {
		literal += strconv.Quote(strings.TrimSpace(item)) + ", "
	}
	return literal + "}", true
}

// goParameters writes the field Parameter. wire.Parameters has text only: numbers and
// booleans become text as they were written, and null is left out.
func goParameters(value string) string {
	loose, values := map[string]json.RawMessage{}, map[string]string{}
	_ = json.Unmarshal([]byte(value), &loose) // the contract has checked it
	for name, raw := range loose {
		text := string(raw)
		switch {
		case text == "null":
			continue
		case raw[0] == '"':
			_ = json.Unmarshal(raw, &text)
		}
		values[name] = text
	}
	return fmt.Sprintf("wire.NewParameters(%#v)", values)
}

func cloneForm(form url.Values) url.Values {
	clone := make(url.Values, len(form))
	for name, values := range form {
		clone[name] = append([]string(nil), values...)
	}
	return clone
}
