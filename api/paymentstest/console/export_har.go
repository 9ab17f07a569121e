package console

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// HAR 1.2; see http://www.softwareishard.com/blog/har-12-spec/
type (
	har struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  time.Time   `json:"startedDateTime"`
		Time     float64     `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		QueryString []harPair `json:"queryString"`
		PostData    *harPost  `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int       `json:"bodySize"`
	}
	harPost struct {
		MimeType string    `json:"mimeType"`
		Params   []harPair `json:"params"`
		Text     string    `json:"text"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// exportHAR writes requests and callback deliveries as an HTTP archive, without
// credentials.
func (c *Console) exportHAR(w http.ResponseWriter, r *http.Request) error {
	part, err := c.run(r)
	if err != nil {
		return err
	}
	archive := har{harLog{
		Version: "1.2", Creator: harCreator{"twiliopay-go console", "1"}, Entries: part.har(c.srv.URL),
		Comment: "A simulated payment: " + part.title() + ". Credentials and callers' digits are left out.",
	}}
	text, err := json.MarshalIndent(archive, "", "  ")
	if err != nil {
		return err
	}
	attach(w, "application/json", part.fileName(".har"), text)
	return nil
}

func (p run) har(base string) []harEntry {
	entries := []harEntry{}
	requests, callbacks := map[int]paymentstest.Entry{}, map[int]paymentstest.Entry{}
	for _, e := range p.entries {
		switch e.Kind {
		case paymentstest.KindRequestReceived:
			requests[e.Request.Number] = e
		case paymentstest.KindCallbackMade:
			callbacks[e.Callback.Number] = e
		case paymentstest.KindResponseSent:
			if asked, ok := requests[e.Response.Request]; ok {
				entries = append(entries, harOfRequest(base, asked, e))
			}
		case paymentstest.KindCallbackResponded, paymentstest.KindCallbackFailed:
			if made, ok := callbacks[e.Attempt.Callback]; ok {
				entries = append(entries, harOfCallback(made, e))
			}
		}
	}
	slices.SortStableFunc(entries, func(a, b harEntry) int { return a.Started.Compare(b.Started) })
	return entries
}

func harOfRequest(base string, asked, sent paymentstest.Entry) harEntry {
	q, a := asked.Request, sent.Response
	comment := string(q.Operation)
	if a.Fault != "" {
		comment += "; fault: " + a.Fault
	}
	if a.Replayed {
		comment += "; replay of the first response"
	}
	return harEntry{
		Started: asked.Time, Time: millis(a.Duration), Comment: comment,
		Request:  harRequestOf(q.Method, base+q.Path, q.Header, q.Form, q.Body),
		Response: harResponseOf(a.Status, a.Header, a.Body),
		Timings:  harTimings{Wait: millis(a.Duration)},
	}
}

func harOfCallback(made, attempted paymentstest.Entry) harEntry {
	b, a := made.Callback, attempted.Attempt
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for name, value := range map[string]string{"X-Twilio-Signature": b.Signature, "I-Twilio-Idempotency-Token": b.Token} {
		if value != "" {
			header.Set(name, value)
		}
	}
	comment := "status callback: " + string(b.Event)
	if a.Error != "" {
		comment += "; " + a.Error
	}
	return harEntry{
		Started: attempted.Time.Add(-a.Duration), Time: millis(a.Duration), Comment: comment,
		Request:  harRequestOf(http.MethodPost, b.URL, header, b.Form, b.Form.Encode()),
		Response: harResponseOf(a.Status, a.Header, a.Body),
		Timings:  harTimings{Wait: millis(a.Duration)},
	}
}

func harRequestOf(method, address string, header http.Header, form url.Values, body string) harRequest {
	q := harRequest{
		Method: method, URL: address, HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: harPairs(header), QueryString: []harPair{},
		HeadersSize: -1, BodySize: len(body),
	}
	if u, err := url.Parse(address); err == nil {
		u.Fragment = ""
		q.URL, q.QueryString = u.String(), harPairs(u.Query())
	}
	if body != "" {
		q.PostData = &harPost{header.Get("Content-Type"), harPairs(form), body}
	}
	return q
}

// harResponseOf returns a response. A missing response has status 0 in HAR.
func harResponseOf(status int, header http.Header, body string) harResponse {
	return harResponse{
		Status: status, StatusText: http.StatusText(status), HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: harPairs(header),
		Content: harContent{len(body), header.Get("Content-Type"), body}, RedirectURL: header.Get("Location"), HeadersSize: -1, BodySize: len(body),
	}
}

func harPairs[V ~map[string][]string](values V) []harPair {
	pairs := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			pairs = append(pairs, harPair{name, strings.ToValidUTF8(v, "\uFFFD")})
		}
	}
	return pairs
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
