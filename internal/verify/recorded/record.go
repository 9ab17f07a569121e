// Package recorded runs the SDK's own tests and validates their traffic: every
// request of the client, and every response that the simulator makes itself. It
// compiles the tests with an overlay that records in two places; the sources
// stay unchanged.
package recorded

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/verify/patch"
	"github.com/twiliopay/twiliopay-go/internal/verify/repo"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// Record is one line of the recording.
type Record struct {
	Package  string
	Checked  bool   // the client's validation was on and nothing was added past it; of a response, the request was valid
	Method   string // of the request, or of the response's request
	Target   string
	Header   http.Header
	Body     string
	Response bool
	Status   int
}

// The paths of the two operations, for responses to any path and method.
const (
	createTarget = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls/CA00000000000000000000000000000001/Payments.json"
	updateTarget = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls/CA00000000000000000000000000000001/Payments/PK00000000000000000000000000000001.json"
)

// request is the record as a request for the validators. A response to an
// unknown path is validated as one to an operation.
func (r Record) request() validators.Request {
	switch {
	case r.Response && strings.Contains(r.Target, "/Payments/"):
		return validators.Request{Method: http.MethodPost, Target: updateTarget, Header: http.Header{}}
	case r.Response:
		return validators.Request{Method: http.MethodPost, Target: createTarget, Header: http.Header{}}
	}
	return validators.Request{Method: r.Method, Target: r.Target, Header: r.Header, Body: r.Body}
}

func (r Record) response() validators.Response {
	return validators.Response{Request: r.request(), Status: r.Status, Header: r.Header, Body: r.Body}
}

// skipped are a load test, which repeats the same requests for a minute, and the
// explorations of flow's protocol, which send none.
const skipped = "TestManySessions|TestExplore"

const fileVariable = "TWILIOPAY_RECORDING"

// recorder is added to both packages.
const recorder = `package %s

import (
	"encoding/json"
	"net/http"
	"os"
	"sync"
)

var recording = sync.OnceValue(func() *os.File {
	f, err := os.OpenFile(os.Getenv("` + fileVariable + `"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	return f
})

func recordLine(checked, response bool, method, target string, header http.Header, body string, status int) {
	line, err := json.Marshal(map[string]any{
		"Package": %[1]q, "Checked": checked, "Response": response, "Method": method, "Target": target,
		"Header": header, "Body": body, "Status": status,
	})
	if err != nil {
		panic(err)
	}
	if _, err := recording().Write(append(line, '\n')); err != nil {
		panic(err)
	}
}
`

// hooks are the places that record, and the code that does.
var hooks = []struct{ dir, decl, old, new string }{
	{
		"api/payments", "call.attempt", "resp, err := send(c.http, c.request(form.watch(ctx), body))",
		`req := c.request(form.watch(ctx), body)
	if req.Header.Get("Authorization")[:6] == "Basic " { // the contract does not describe access tokens
		recordLine(!c.unchecked && c.extra == nil, false, req.Method, "/"+req.URL.String()[len(c.server):], req.Header, string(c.body), 0)
	}
	resp, err := send(c.http, req)`,
	},
	{
		"api/paymentstest", "handler.send", "a.write(w, h.requests.requestID(rec))",
		`a.write(w, h.requests.requestID(rec))
	if rec.issue == nil { // the contract does not describe access tokens
		recordLine(rec.Violation == nil, true, rec.Method, rec.Path, w.Header(), string(a.text()), a.status)
	}`,
	},
}

// Run runs the tests of packages and records their traffic. If tests fail, it
// returns the recording and the error.
func Run(ctx context.Context, dir string, packages ...string) (records []Record, output string, err error) {
	root, err := repo.Root()
	if err != nil {
		return nil, "", err
	}
	o := patch.NewOverlay(dir)
	for _, h := range hooks {
		at := filepath.Join(root, h.dir)
		if err := o.Change(at, h.decl, h.old, h.new); err != nil {
			return nil, "", err
		}
		if err := o.Add(filepath.Join(at, "recording_of_tests.go"), fmt.Sprintf(recorder, filepath.Base(at))); err != nil {
			return nil, "", err
		}
	}
	overlay, err := o.Write()
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(dir, "recording.jsonl")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return nil, "", err
	}
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-count=1", "-vet=off", "-timeout=2m", "-skip=" + skipped, "-overlay=" + overlay}, packages...)...)
	command.Dir = root
	command.Env = append(os.Environ(), fileVariable+"="+file)
	said, failed := command.CombinedOutput()
	records, err = read(file)
	if err != nil {
		return nil, string(said), err
	}
	return records, string(said), failed
}

func read(file string) ([]Record, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var records []Record
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r Record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, lines.Err()
}
