package console

import (
	"net/http"
	"regexp"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// run is the part of the journal that is exported.
type run struct {
	entries []paymentstest.Entry
	call    string // empty for everything
	session string
}

// run returns what the query asks for: a session, a call, or everything stored.
func (c *Console) run(r *http.Request) (run, error) {
	q := r.URL.Query()
	part := run{call: q.Get("call"), session: q.Get("session")}
	switch {
	case part.call != "" && part.session != "":
		return part, badField("session", "cannot be given together with call")
	case part.call != "" && !callPattern.MatchString(part.call):
		return part, badField("call", "must be a call SID, CA and 32 hexadecimal digits")
	case part.session != "" && !sessionPattern.MatchString(part.session):
		return part, badField("session", "must be a session SID, PK and 32 hexadecimal digits")
	}
	requests := map[int]bool{} // of the session: the entry of a create does not name it yet
	for e := range c.all(func(e paymentstest.Entry) bool {
		return part.session != "" && e.Session == part.session && e.Response != nil
	}) {
		requests[e.Response.Request] = true
	}
	for e := range c.all(func(e paymentstest.Entry) bool {
		return (part.call == "" || e.Call == part.call) &&
			(part.session == "" || e.Session == part.session || e.Request != nil && requests[e.Request.Number])
	}) {
		if part.entries = append(part.entries, e); len(part.entries) > maxExport {
			return part, fail(http.StatusConflict, "too-large", "an export has at most %d entries: export a single call or session", maxExport)
		}
	}
	if len(part.entries) == 0 {
		return part, notFound("this call or session")
	}
	return part, nil
}

// maxExport limits the entries of an export.
const maxExport = 50_000

// title says what an export covers.
func (p run) title() string {
	switch {
	case p.session != "":
		return "payment session " + p.session
	case p.call != "":
		return "call " + p.call
	}
	return "all calls"
}

// fileName returns the file name of an export.
func (p run) fileName(ending string) string {
	switch {
	case p.session != "":
		return p.session + ending
	case p.call != "":
		return p.call + ending
	}
	return "simulated-twilio" + ending
}

// attach sends a text. With a name the browser saves it as a file.
func attach(w http.ResponseWriter, kind, name string, text []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	if name != "" {
		h.Set("Content-Disposition", `attachment; filename="`+unsafeName.ReplaceAllString(name, "_")+`"`)
	}
	_, _ = w.Write(text) // #nosec G705 -- plain text, JSON, or HTML that html/template wrote
}

var unsafeName = regexp.MustCompile(`[^A-Za-z0-9._-]`)
