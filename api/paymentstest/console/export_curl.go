package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// exportCurl writes a request as a curl command, with variables for the
// credentials and the address.
func (c *Console) exportCurl(w http.ResponseWriter, r *http.Request) error {
	rec, err := c.request(r.URL.Query().Get("request"))
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(`curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN"`)
	for _, field := range fieldsOf(rec.Form) {
		if strings.ContainsFunc(field[0]+field[1], func(r rune) bool { return !unicode.IsPrint(r) }) {
			// Control characters and marks that change the direction of text would
			// let the command look different from what it is.
			fmt.Fprintf(&b, " \\\n  -d %s", quoted(url.QueryEscape(field[0])+"="+url.QueryEscape(field[1])))
		} else {
			fmt.Fprintf(&b, " \\\n  --data-urlencode %s", quoted(field[0]+"="+field[1]))
		}
	}
	fmt.Fprintf(&b, " \\\n  \"$TWILIO_BASE_URL%s\"\n", pathOf(rec))
	attach(w, "text/plain; charset=utf-8", "", []byte(b.String()))
	return nil
}

// pathOf returns the path of a request, with a variable for the account. It has
// no characters special to a shell, since the server has checked it against the
// contract.
func pathOf(rec paymentstest.Request) string {
	return strings.Replace(rec.Path, "/Accounts/"+rec.AccountSID+"/", "/Accounts/$TWILIO_ACCOUNT_SID/", 1)
}

// fieldsOf returns the fields of a form: IdempotencyKey first, the others by name.
func fieldsOf(form url.Values) [][2]string {
	var fields [][2]string
	for name, values := range form {
		for _, v := range values {
			fields = append(fields, [2]string{name, v})
		}
	}
	slices.SortFunc(fields, func(a, b [2]string) int {
		if first := func(f [2]string) bool { return f[0] == "IdempotencyKey" }; first(a) != first(b) {
			if first(a) {
				return -1
			}
			return 1
		}
		return slices.Compare(a[:], b[:])
	})
	return fields
}

// quoted quotes text for a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
