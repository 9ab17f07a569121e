package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
)

// Tables writes the results as Markdown.
func Tables(w io.Writer, r *Results) error {
	for _, write := range []func(*Results) string{heading, comparison, throughput, parts, growth, targets} {
		if _, err := io.WriteString(w, write(r)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func heading(r *Results) string {
	return fmt.Sprintf("`%s`, %s: %s, Go %s, twilio-go %s. Median and 95 %% interval of %d rounds.\n",
		r.config[keyCommand], r.config[keyDate], r.config[keyMachine], r.config[keyGo], r.config[keyOfficial],
		len(r.of("Call/client="+clients.Ours, CPU)))
}

// titles are the clients as the tables name them, in the order of columns.
var titles = []struct{ name, title string }{
	{clients.Official, "twilio-go"},
	{clients.Bare, "oapi-codegen's client"},
	{clients.Floor, "bare net/http"},
	{clients.Ours, "**this SDK**"},
}

// row is one line of the comparison: a subject of each client, as a ratio to
// the base or, without a base, as a count.
type row struct{ title, subject, unit, base string }

var rows = []row{
	{"a call: processor time", "Call", CPU, "Call/client=" + clients.Official},
	{"a call: allocations", "Call", Allocs, ""},
	{"a call: bytes allocated", "Call", Bytes, ""},
	{"encoding its form: processor time", "Encode", CPU, "Encode/client=" + clients.Bare},
	{"encoding its form: allocations", "Encode", Allocs, ""},
	{"a status callback verified and parsed: processor time", "Callback", CPU, "Callback/client=" + clients.Official},
	{"a forged status callback refused: processor time", "Forgery", CPU, "Forgery/client=" + clients.Official},
	{"– when the URL has as many forms as any", "ForgeryOfEveryForm", CPU, "ForgeryOfEveryForm/client=" + clients.Official},
	{"a status callback handled in full: processor time", "Delivery", CPU, "Callback/client=" + clients.Official},
}

func comparison(r *Results) string {
	t := newTable("")
	for _, c := range titles {
		t.head = append(t.head, c.title)
	}
	for _, row := range rows {
		cells := []string{row.title}
		for _, c := range titles {
			cells = append(cells, r.cell(row, c.name))
		}
		t.add(cells...)
	}
	return t.String()
}

func (r *Results) cell(row row, client string) string {
	subject := row.subject + "/client=" + client
	if row.base == "" {
		if values := r.of(subject, row.unit); len(values) > 0 {
			return strconv.FormatFloat(median(values).Center, 'f', 0, 64)
		}
	} else if subject == row.base {
		return "1"
	} else if ratio, ok := r.ratio(subject, row.base, row.unit); ok {
		return format(ratio)
	}
	return "–"
}

func throughput(r *Results) string {
	t := newTable("calls a second, over loopback", "twilio-go", "twilio-go, connections kept", "oapi-codegen's client", "bare net/http", "net/http, generated request and response", "**this SDK**")
	for _, g := range Goroutines {
		cells := []string{plural(g, "goroutine")}
		for _, client := range []string{clients.Official, clients.Pooled, clients.Bare, clients.Floor, clients.Generated, clients.Ours} {
			cells = append(cells, r.cell(row{subject: loopback(g), unit: Throughput, base: loopback(g) + "/client=" + clients.Official}, client))
		}
		t.add(cells...)
	}
	return t.String()
}

// parts compares the generated code with what the floor does instead. Both are
// shares of a call of the floor over loopback.
func parts(r *Results) string {
	call := loopback(8) + "/client=" + clients.Floor
	t := newTable("processor time, a call of bare net/http over loopback = 1", "bare net/http", "generated code")
	for _, part := range []struct{ title, subject string }{
		{"the request built, its form ready", "Request"},
		{"the response read", "Response"},
		{"a call, 8 goroutines", loopback(8)},
	} {
		t.add(part.title, r.cell(row{subject: part.subject, unit: CPU, base: call}, clients.Floor), r.cell(row{subject: part.subject, unit: CPU, base: call}, clients.Generated))
	}
	return t.String()
}

// Goroutines are the loads of the loopback comparison.
var Goroutines = []int{1, 2, 4, 8, 16, 32, 64}

func loopback(goroutines int) string { return "Loopback/goroutines=" + strconv.Itoa(goroutines) }

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// table is a table in Markdown.
type table struct {
	head []string
	body strings.Builder
}

func newTable(head ...string) *table { return &table{head: head} }

func (t *table) add(cells ...string) {
	t.body.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (t *table) String() string {
	return "| " + strings.Join(t.head, " | ") + " |\n|---" + strings.Repeat("|---:", len(t.head)-1) + "|\n" + t.body.String()
}
