package console

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

//go:embed report.html
var reportText string

var reportTemplate = template.Must(template.New("report").Parse(reportText))

// report is what the HTML report shows.
type report struct {
	Title string
	Made  string
	// Outcomes says how each session ended.
	Outcomes []string
	Rows     []reportRow
}

type reportRow struct {
	Number  int64
	Cause   int64
	Time    string
	Lane    string
	Kind    string
	Summary string
	Detail  string
}

// exportHTML writes a run as one HTML file without scripts, to open without a
// server.
func (c *Console) exportHTML(w http.ResponseWriter, r *http.Request) error {
	part, err := c.run(r)
	if err != nil {
		return err
	}
	page := report{Title: part.title(), Made: time.Now().UTC().Format(time.RFC3339)}
	began := part.entries[0].Time
	for _, e := range part.entries {
		var detail bytes.Buffer
		text := json.NewEncoder(&detail)
		text.SetEscapeHTML(false) // the template escapes
		text.SetIndent("", "  ")
		if err := text.Encode(e); err != nil {
			return err
		}
		if e.Kind == paymentstest.KindSessionEnded {
			page.Outcomes = append(page.Outcomes, join(e.Session, e.State.Amount.String(), onlyIf(e.State.Amount != "", e.State.Currency), string(e.State.Result), codeText(e.State.Code)))
		}
		page.Rows = append(page.Rows, reportRow{
			e.Number, e.Cause, "+" + strconv.FormatFloat(e.Time.Sub(began).Seconds(), 'f', 3, 64) + " s", laneOf(e), string(e.Kind), summary(e), detail.String(),
		})
	}
	var b bytes.Buffer
	if err := reportTemplate.Execute(&b, page); err != nil {
		return err
	}
	attach(w, "text/html; charset=utf-8", part.fileName(".html"), b.Bytes())
	return nil
}

// laneOf returns the column of an entry: "request", "callback", or "caller" for
// the caller and everything else.
func laneOf(e paymentstest.Entry) string {
	switch {
	case e.Request != nil || e.Response != nil || e.Fault != nil && e.Fault.Target == "request":
		return "request"
	case e.Callback != nil || e.Attempt != nil || e.Fault != nil:
		return "callback"
	}
	return "caller"
}

// summary describes an entry in a few words.
func summary(e paymentstest.Entry) string {
	switch {
	case e.Request != nil:
		return join(cmp.Or(string(e.Request.Operation), e.Request.Method+" "+e.Request.Path), e.Request.Violation)
	case e.Response != nil:
		return join(statusText(e.Response.Status), codeText(e.Response.Code), e.Response.Fault, onlyIf(e.Response.Committed, "took effect"))
	case e.State != nil:
		return join(string(e.State.Phase), string(e.State.Capture), string(e.State.Result), codeText(e.State.Code))
	case e.Prompt != nil:
		return join(string(e.Prompt.Capture), onlyIf(e.Prompt.Confirm, "confirm"), string(e.Prompt.Reason), e.Prompt.Typed, string(e.Prompt.ErrorType))
	case e.Key != nil:
		return join(cmp.Or(onlyIf(e.Key.Key == "•", e.Key.Masked), e.Key.Key), onlyIf(e.Key.Lost, "lost"))
	case e.Callback != nil:
		form := e.Callback.Form
		return join(string(e.Callback.Event), form.Get("Capture"), onlyIf(form.Get("PartialResult") == "true", "partial"),
			form.Get("ErrorType"), form.Get("Result"), form.Get("PayErrorCode"))
	case e.Kind == paymentstest.KindCallbackAttempted:
		return e.Attempt.URL
	case e.Attempt != nil:
		return join(statusText(e.Attempt.Status), e.Attempt.Error)
	case e.Gateway != nil:
		return join(e.Gateway.Operation, e.Gateway.Amount.String(), e.Gateway.Currency, string(e.Gateway.Result), codeText(e.Gateway.Code))
	case e.Fault != nil:
		return join(e.Fault.Target, e.Fault.Name, onlyIf(e.Fault.TookEffect, "takes effect"))
	}
	return join(e.Note, e.Call)
}

func join(parts ...string) string {
	text := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if text != "" {
			text += " · "
		}
		text += p
	}
	return text
}

func statusText(status int) string {
	if status == 0 {
		return "no response"
	}
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

func codeText(code int) string {
	if code == 0 {
		return ""
	}
	return "code " + strconv.Itoa(code)
}

func onlyIf(holds bool, text string) string {
	if holds {
		return text
	}
	return ""
}
