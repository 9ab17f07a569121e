package payments_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// The cells of the table in the package documentation.
const (
	succeeds = "success"
	retried  = "retry"
	ifAsked  = "only if asked"
	never    = "no"

	known         = "known"
	notDone       = "known: not done"
	unknown       = "unknown"
	unlessNotSent = "unknown, unless not sent"
)

// row is a row of the table, with attempts that end that way.
type row struct {
	end                  string
	others, complete     string // whether it is retried
	outcome              string
	examples, unsentEnds map[string]http.RoundTripper
}

type ends = map[string]http.RoundTripper

// table is the table of the package documentation; a test compares them.
var table = []row{
	{"2xx with the session", succeeds, succeeds, known, ends{
		"200": replies(200, sessionJSON), "201": replies(201, sessionJSON), "202": replies(202, sessionJSON), "226": replies(226, sessionJSON), "only the SID": replies(204, `{"sid":"`+paymentSID+`"}`),
	}, nil},
	{"2xx without one, or of another account, call or session; 1xx, 3xx", never, never, unknown, ends{
		"201 of nothing": replies(201, "{}"), "200 of HTML": replies(200, "<html>"), "204": replies(204, ""), "202 of a list": replies(202, "["+sessionJSON+"]"),
		"another account": replies(201, strings.Replace(sessionJSON, accountSID, otherAccount, 1)), "another call": replies(202, strings.Replace(sessionJSON, callSID, "CA"+strings.Repeat("1", 32), 1)),
		"no SID": replies(202, strings.Replace(sessionJSON, paymentSID, "", 1)), "101": replies(101, ""), "301": replies(301, ""), "307 with a session": replies(307, sessionJSON), "too long": replies(201, strings.Repeat(" ", 2<<20)),
	}, nil},
	{"2xx or 3xx whose body is cut short", retried, ifAsked, unknown, ends{"200": cutShort(200), "201": cutShort(201), "202": cutShort(202), "302": cutShort(302)}, nil},
	{"429", retried, retried, notDone, ends{"429": replies(429, `{"code":20429}`), "cut short": cutShort(429)}, nil},
	{"408, 500, 502, 503, 504", retried, ifAsked, unknown, ends{
		"408": replies(408, ""), "500": replies(500, `{"code":20500}`), "502": replies(502, "<html>"), "503": replies(503, ""), "504": replies(504, ""), "500 cut short": cutShort(500),
	}, nil},
	{"other 4xx", never, never, notDone, ends{
		"400": replies(400, `{"code":64020}`), "401": replies(401, ""), "403": replies(403, ""), "404": replies(404, "<html>"), "409": replies(409, ""), "410": replies(410, ""), "422": replies(422, ""), "400 cut short": cutShort(400), "400 with a session": replies(400, sessionJSON),
	}, nil},
	{"other 5xx", never, never, unknown, ends{"501": replies(501, ""), "505": replies(505, ""), "599": replies(599, "")}, nil},
	{"not sent: no connection (DNS, dial, proxy, TLS), or no free stream on it", retried, retried, notDone, ends{
		"DNS": stopsAt(0, &net.DNSError{Err: "no such host"}), "dial": stopsAt(0, &net.OpError{Op: "dial", Err: errors.New("connection refused")}),
		"proxy": stopsAt(0, errors.New("proxy authentication required")), "TLS": stopsAt(0, tls.RecordHeaderError{Msg: "no TLS"}), "a dial that takes too long": stopsAt(0, nil),
		"no free stream": stopsAt(1, nil), "a transport that reads nothing": unsent(func(*http.Request) (*http.Response, error) { return nil, io.EOF }),
	}, nil},
	{"not processed: HTTP/2 REFUSED_STREAM, HTTP/2 GOAWAY that names a stream below it, HTTP/1 connection that took no byte", retried, retried, notDone, ends{
		"REFUSED_STREAM":        stopsAt(2, errors.New("http2: Transport: cannot retry err [stream error: stream ID 5; REFUSED_STREAM; received from peer] after Request.Body was written; define Request.GetBody to avoid this error")),
		"REFUSED_STREAM, typed": stopsAt(2, errors.New("stream error: stream ID 1; REFUSED_STREAM; received from peer")),
		"below a middleware":    stopsAt(2, fmt.Errorf("middleware: %w", errors.New("stream error: stream ID 1; REFUSED_STREAM; received from peer"))),
		"GOAWAY":                stopsAt(2, errors.New("http2: Transport: cannot retry err [http2: Transport received Server's graceful shutdown GOAWAY] after Request.Body was written; define Request.GetBody to avoid this error")),
		"GOAWAY with an error":  stopsAt(2, errors.New("http2: Transport received GOAWAY from server ErrCode:INTERNAL_ERROR")),
	}, nil},
	{"reset, closed, GOAWAY at or above it, any other reset of the stream", retried, ifAsked, unknown, ends{
		"reset": stopsAt(2, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), "closed": stopsAt(2, io.EOF), "closed while idle": stopsAt(2, errors.New("http: server closed idle connection")),
		"GOAWAY":         stopsAt(2, errors.New(`http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug="REFUSED_STREAM; received from peer"`)),
		"PROTOCOL_ERROR": stopsAt(2, errors.New("http2: Transport: cannot retry err [stream error: stream ID 1; PROTOCOL_ERROR; received from peer] after Request.Body was written; define Request.GetBody to avoid this error")),
		"CANCEL":         stopsAt(2, errors.New("stream error: stream ID 1; CANCEL; received from peer")), "refused here": stopsAt(2, errors.New("stream error: stream ID 1; REFUSED_STREAM")),
		"lost":                      stopsAt(2, errors.New("http2: client connection lost")),
		"two requests, one refused": stopsAt(3, errors.New("stream error: stream ID 3; REFUSED_STREAM; received from peer")),
		"two failures, one refused": stopsAt(2, errors.Join(io.EOF, errors.New("stream error: stream ID 3; REFUSED_STREAM; received from peer"))),
		"another kind of transport": roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, errors.New("stream error: stream ID 1; REFUSED_STREAM; received from peer")
		}),
		"its dial after it has read": roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		}),
	}, nil},
	{"no response within WithAttemptTimeout", retried, ifAsked, unknown, ends{"silence": stopsAt(2, nil), "another kind of transport": roundTrip(silence), "silence in the body": stalledBody{}}, nil},
	{"the caller's context ended", never, never, unlessNotSent, ends{"after it was sent": leaves{2}, "in the body": leaves{4}}, ends{"in the dial": leaves{0}, "waiting for a stream": leaves{1}}},
}

// replies is a transport that responds with a status and a body.
func replies(status int, body string) http.RoundTripper {
	return roundTrip(func(*http.Request) (*http.Response, error) { return response(status, body), nil })
}

func cutShort(status int) http.RoundTripper {
	return roundTrip(func(*http.Request) (*http.Response, error) {
		r := response(status, "")
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(sessionJSON[:40]), failingReader{}))
		return r, nil
	})
}

func silence(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// stopsAt fails like net/http's transport: after asking for a connection (0),
// getting one (1), sending the request (2), or sending it twice (3). With a nil
// error it stays silent until the attempt times out.
func stopsAt(stage int, err error) http.RoundTripper {
	return unsent(func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GetConn("api.example.com:443")
		for n := 2; n <= stage; n++ {
			trace.WroteHeaders()
			_, _ = io.Copy(io.Discard, r.Body)
		}
		if err == nil {
			return silence(r)
		}
		return nil, err
	})
}

// stalledBody sends the start of a session and then nothing.
type stalledBody struct{}

func (stalledBody) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	resp := response(201, "")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(sessionJSON[:40]), untilDone{r.Context()}))
	return resp, nil
}

type untilDone struct{ context.Context }

func (c untilDone) Read([]byte) (int, error) {
	<-c.Done()
	return 0, c.Err()
}

// leaves cancels the caller's context at a stage of stopsAt, or while the body is
// read (4).
type leaves struct{ stage int }

type cancelKey struct{}

func (l leaves) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Context().Value(cancelKey{}).(context.CancelFunc)()
	if l.stage == 4 {
		return cutShort(201).RoundTrip(r)
	}
	return stopsAt(l.stage, context.Canceled).RoundTrip(r)
}

// Every row of the table, for every operation, with WithRetryComplete and without.
func TestTable(t *testing.T) {
	t.Parallel()
	for _, row := range table {
		t.Run(row.end, func(t *testing.T) {
			t.Parallel()
			for name, end := range row.examples {
				row.check(t, name, end, strings.HasPrefix(row.outcome, unknown))
			}
			for name, end := range row.unsentEnds {
				row.check(t, name, end, false)
			}
		})
	}
}

func (row row) check(t *testing.T, name string, end http.RoundTripper, unknown bool) {
	for operation, operate := range operations {
		for _, asked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%s/%v", name, operation, asked), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					ctx = context.WithValue(ctx, cancelKey{}, cancel)
					attempts := 0
					opts := []payments.Option{payments.WithHTTPClient(&http.Client{Transport: unsent(func(r *http.Request) (*http.Response, error) {
						attempts++
						return end.RoundTrip(r)
					})})}
					if asked {
						opts = append(opts, payments.WithRetryComplete())
					}
					follows := row.others
					if operation == "complete" {
						follows = row.complete
					}
					want := 1
					if follows == retried || follows == ifAsked && asked {
						want = 4
					}
					session, err := operate(ctx, newClient(t, "https://api.example.com", opts...))
					if follows == succeeds {
						if err != nil || session.SID != paymentSID || attempts != 1 {
							t.Errorf("%d attempts, want 1; %v", attempts, err)
						}
						return
					}
					if e := failure(t, err); session != nil || attempts != want || e.Attempts != want || e.OutcomeUnknown() != unknown {
						t.Errorf("%d attempts (the error says %d), unknown %v, want %d, %v: %v", attempts, e.Attempts, e.OutcomeUnknown(), want, unknown, err)
					}
				})
			})
		}
	}
}

// The package documentation has the same table.
func TestDocumentationHasTheTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "//\tan attempt's end ")
	if !found {
		t.Fatal("doc.go has no table")
	}
	gap := regexp.MustCompile(` {2,}`)
	var documented [][]string
	for line := range strings.Lines(rest) {
		line, isRow := strings.CutPrefix(strings.TrimRight(line, "\n"), "//\t")
		if !isRow && len(documented) > 0 {
			break
		}
		switch {
		case !isRow: // the rest of the heading
		case strings.HasPrefix(line, "  "): // the first cell continues
			documented[len(documented)-1][0] += " " + strings.TrimSpace(line)
		default:
			documented = append(documented, gap.Split(line, -1))
		}
	}
	var tested [][]string
	for _, row := range table {
		tested = append(tested, []string{row.end, row.others, row.complete, row.outcome})
	}
	if diff := cmp.Diff(tested, documented); diff != "" {
		t.Error(diff)
	}
}
