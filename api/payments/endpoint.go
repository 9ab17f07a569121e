package payments

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/twiliopay/twiliopay-go/generated"
)

// endpoints are the requests of the API for one server and account, built by the
// generated package. A call copies one and fills in its SIDs. Building it for
// each attempt would parse and print URLs five times, which costs more than
// validating and encoding the parameters.
type endpoints struct {
	server, account string
	create, update  endpoint
}

func newEndpoints(server, account string) (*endpoints, error) {
	create, err := generated.NewCreatePaymentsRequestWithBody(server, account, anyCall, formType, nil)
	if err != nil {
		return nil, err
	}
	update, err := generated.NewUpdatePaymentsRequestWithBody(server, account, anyCall, anyPayment, formType, nil)
	if err != nil {
		return nil, err
	}
	e := &endpoints{server: server, account: account}
	var errCreate, errUpdate error
	e.create, errCreate = newEndpoint(create, anyCall)
	e.update, errUpdate = newEndpoint(update, anyCall, anyPayment)
	return e, errors.Join(errCreate, errUpdate)
}

// Placeholders for the SIDs of a call. They look like SIDs, so the generated code
// escapes nothing in them.
const (
	anyCall    = "CA00000000000000000000000000000000"
	anyPayment = "PK00000000000000000000000000000000"
)

// endpoint is one operation's request, with gaps in its path for SIDs.
type endpoint struct {
	request       *http.Request
	path, rawPath []string // the parts around the gaps
}

func newEndpoint(request *http.Request, sids ...string) (endpoint, error) {
	e := endpoint{request: request, path: []string{request.URL.Path}, rawPath: []string{request.URL.RawPath}}
	for i, sid := range sids {
		e.path = cutLast(e.path, i, sid)
		e.rawPath = cutLast(e.rawPath, i, sid)
	}
	if len(e.path) != len(sids)+1 || request.URL.RawPath != "" && len(e.rawPath) != len(sids)+1 {
		return e, errors.New("payments: the path of the contract has no place for the SIDs")
	}
	return e, nil
}

// cutLast splits the part at place around the last occurrence of sid in it. The
// last, because the path of the base URL comes first and may hold anything.
func cutLast(parts []string, place int, sid string) []string {
	if place >= len(parts) {
		return parts
	}
	i := strings.LastIndex(parts[place], sid)
	if i < 0 {
		return parts
	}
	return append(parts[:place:place], parts[place][:i], parts[place][i+len(sid):])
}

// to returns the request for sids, which were checked against the contract's
// patterns, so none of them can change the path.
func (e *endpoint) to(ctx context.Context, body io.Reader, sids ...string) *http.Request {
	r := e.request.WithContext(ctx)
	u := *e.request.URL
	u.Path, u.RawPath = fill(e.path, sids), fill(e.rawPath, sids)
	r.URL, r.Header, r.Body = &u, e.request.Header.Clone(), io.NopCloser(body)
	return r
}

// request returns the request of one attempt.
func (c *call) request(ctx context.Context, body io.Reader) *http.Request {
	var r *http.Request
	if c.update {
		r = c.endpoints.update.to(ctx, body, c.callSID, c.sid)
	} else {
		r = c.endpoints.create.to(ctx, body, c.callSID)
	}
	r.ContentLength = int64(len(c.body))
	values := []string{"application/json", c.userAgent, c.auth.header()}
	r.Header["Accept"], r.Header["User-Agent"], r.Header["Authorization"] = values[0:1:1], values[1:2:2], values[2:3:3]
	return r
}

func fill(parts, sids []string) string {
	switch len(parts) {
	case 2:
		return parts[0] + sids[0] + parts[1]
	case 3:
		return parts[0] + sids[0] + parts[1] + sids[1] + parts[2]
	}
	return parts[0]
}
