package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

// TestExportedTests exports each run as a test, then compiles and runs the tests
// in a separate module. One of them is modified and must fail.
func TestExportedTests(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	digits := regexp.MustCompile(`4111|4242|3782|5555|121181976|123456789|94109|1299`)
	exported := map[string]response{}
	for name, play := range runs {
		d := newDesk(t)
		call := play(t, d)
		if err := d.srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		exported[name] = d.get(t, "exports/test?call="+call)
	}
	for _, sc := range scenario.Shipped() {
		exported["scenario_"+strings.ReplaceAll(sc.Name(), "-", "_")] = playShipped(t, sc.Name())
	}
	for name, a := range exported {
		if a.status != 200 {
			t.Fatalf("%s: %s", name, a.body)
		}
		if found := digits.Find(a.body); found != nil {
			t.Errorf("%s: the test has the digits %s", name, found)
		}
		if bytes.Contains(a.body, []byte(paymentstest.DefaultAuthToken)) {
			t.Errorf("%s: the test has the auth token", name)
		}
		write(t, filepath.Join(dir, name+"_test.go"), renamed(a.body, name))
		if name == "charge" {
			changed := bytes.Replace(a.body, []byte(`"completed success"`), []byte(`"completed payment-connector-error 64008"`), 1)
			write(t, filepath.Join(dir, "changed_test.go"), renamed(changed, "changed"))
		}
	}
	results := goTest(t, dir)
	for name := range exported {
		if results[name] != "pass" {
			text, _ := os.ReadFile(filepath.Join(dir, name+"_test.go"))
			t.Errorf("the exported test of %s: %q\n%s\n%s", name, results[name], results[name+" output"]+results[" output"], text)
		}
	}
	if results["changed"] != "fail" {
		t.Errorf("the test that expects another result: %s, want fail", results["changed"])
	}
}

// renamed gives an exported test a unique name, because all desks use the same SIDs.
func renamed(test []byte, name string) []byte {
	return regexp.MustCompile(`TestCall[0-9a-f]{8}`).ReplaceAll(test, []byte("Test_"+name))
}

// playShipped plays a shipped scenario under a fake clock and exports it as a test.
func playShipped(t *testing.T, name string) (exported response) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.AllowInvalidRequests())
		page, err := console.New(srv)
		if err != nil {
			t.Fatal(err)
		}
		defer page.Close()
		srv.ServeOther(page)
		d := &desk{srv, page, srv.URL, srv.Client()}
		var played struct {
			Plays []struct {
				Call, Report    string
				Running, Passed bool
			}
		}
		d.must(t, "scenarios/"+name+"/play", "{}")
		for running := true; running; {
			time.Sleep(time.Second)
			d.get(t, "snapshot").decode(t, &played)
			running = played.Plays[0].Running
		}
		if p := played.Plays[0]; !p.Passed {
			t.Errorf("%s: %s", name, p.Report)
		}
		exported = d.get(t, "exports/test?call="+played.Plays[0].Call)
	})
	return exported
}

// newModule returns the directory of a new module that requires this one.
func newModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(mod), "module github.com/twiliopay/twiliopay-go\n", "module example.com/outside\n", 1)
	text += "\nrequire github.com/twiliopay/twiliopay-go v0.0.0\n\nreplace github.com/twiliopay/twiliopay-go => " + root + "\n"
	write(t, filepath.Join(dir, "go.mod"), []byte(text))
	write(t, filepath.Join(dir, "go.sum"), sums)
	return dir
}

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// goTest runs the tests of a module and returns result and output by test name.
func goTest(t *testing.T, dir string) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "./...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, _ := cmd.Output() // fails, since one test must fail
	results := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var line struct{ Action, Test, Output string }
		if err := dec.Decode(&line); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		name := strings.TrimPrefix(line.Test, "Test_")
		if line.Action == "pass" || line.Action == "fail" {
			results[name] = line.Action
		}
		results[name+" output"] += line.Output
	}
	return results
}

// TestExportedCalls runs a request exported as a Go program and as a shell
// command. Each must send the same form.
func TestExportedCalls(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.start(t, `{"amount":"1.00","method":"ach-debit","description":"it's \" $HOME `+"`id`"+` \\ \n new"}`)
	d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"bank-routing-number"}`)
	d.must(t, "requests/1/again", `{"key":"new","form":{"ValidCardTypes":"visa amex","RequireMatchingInputs":"security-code,postal-code",`+
		`"PaymentMethod":"credit-card","Parameter":"{\"a\":\"1\",\"b\":\"x\"}","PostalCode":"false","Timeout":"7","MinPostalCodeLength":"5","Confirmation":"true"}}`)
	dir := newModule(t)
	requests := d.srv.Requests()
	for _, rec := range requests {
		name := fmt.Sprintf("request%d", rec.Number)
		write(t, filepath.Join(dir, name, "main.go"), d.get(t, fmt.Sprintf("exports/go?request=%d", rec.Number)).body)
		write(t, filepath.Join(dir, name, "run.sh"), d.get(t, fmt.Sprintf("exports/curl?request=%d", rec.Number)).body)
	}
	for _, program := range []struct{ name, runner, args, file string }{{"go", "go", "run", ""}, {"curl", "sh", "-e", "/run.sh"}} {
		t.Run(program.name, func(t *testing.T) {
			if _, err := exec.LookPath(program.name); err != nil {
				t.Skip(program.name + " is not installed")
			}
			for _, rec := range requests {
				file := fmt.Sprintf("./request%d%s", rec.Number, program.file)
				before := len(d.srv.Requests())
				cmd := exec.CommandContext(t.Context(), program.runner, program.args, file)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off",
					"TWILIO_BASE_URL="+d.srv.URL, "TWILIO_ACCOUNT_SID="+d.srv.AccountSID(), "TWILIO_AUTH_TOKEN="+d.srv.AuthToken())
				out, err := cmd.CombinedOutput()
				all := d.srv.Requests()
				if len(all) != before+1 {
					t.Errorf("%s sends %d requests, want 1: %v\n%s", file, len(all)-before, err, out)
					continue
				}
				if got := all[before]; got.Path != rec.Path || got.Form.Encode() != rec.Form.Encode() {
					t.Errorf("%s sends %v to %s, want %v to %s", file, got.Form, got.Path, rec.Form, rec.Path)
				}
			}
		})
	}
}

// TestExportedArchive: the HAR 1.2 export has every field that the format requires.
func TestExportedArchive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	app := newApplication(t, d.srv)
	s := d.start(t, `{"amount":"1.00","statusCallback":"`+app.url+`/status?order=7#rc=2"}`)
	d.must(t, "faults", `{"fault":"reset"}`)
	d.post(t, "requests/1/again", `{"key":"new"}`)
	if err := d.srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := d.get(t, "exports/har?call="+s.Call)
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="`+s.Call+`.har"` {
		t.Errorf("Content-Disposition %s", got)
	}
	var archive struct {
		Log struct {
			Version string
			Creator map[string]string
			Entries []map[string]json.RawMessage
		}
	}
	a.decode(t, &archive)
	if archive.Log.Version != "1.2" || archive.Log.Creator["name"] == "" || len(archive.Log.Entries) != 3 {
		t.Fatalf("%s", a.body)
	}
	// See http://www.softwareishard.com/blog/har-12-spec/ for what is required.
	for _, entry := range archive.Log.Entries {
		for _, name := range []string{"startedDateTime", "time", "request", "response", "cache", "timings"} {
			if entry[name] == nil {
				t.Errorf("an entry has no %s", name)
			}
		}
		for part, names := range map[string][]string{
			"request":  {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
			"response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"},
			"timings":  {"send", "wait", "receive"},
		} {
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(entry[part], &fields); err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if fields[name] == nil || string(fields[name]) == "null" {
					t.Errorf("a %s has no %s: %s", part, name, entry[part])
				}
			}
		}
	}
	for _, want := range []string{`"status": 0`, `"status": 201`, `"status": 204`, "/status?order=7\"", `"X-Twilio-Signature"`, "fault: reset"} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("the archive has no %s", want)
		}
	}
}

// TestExportedReport: the HTML report has no scripts and no external references,
// and shows what an application sent as text.
func TestExportedReport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.start(t, `{"amount":"1.00","description":"<script>alert(1)</script><img src=x onerror=alert(1)>"}`)
	a := d.get(t, "exports/html?session="+s.Session)
	for what, pattern := range map[string]string{"a script": `(?i)<script`, "an image": `(?i)<img`, "a reference": `(?i)<[^>]+(src|href)=|url\(|@import`} {
		if found := regexp.MustCompile(pattern).Find(a.body); found != nil {
			t.Errorf("the report has %s: %s", what, found)
		}
	}
	for _, want := range []string{"&lt;script&gt;", "Content-Security-Policy", "request.received", "session.opened", "callback.made", "No money moved", "create"} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("the report has no %s", want)
		}
	}
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="`+s.Session+`.html"` {
		t.Errorf("Content-Disposition %s", got)
	}
}

// TestExportedValues: exports keep values as the application wrote them, and show a
// command as what it is.
func TestExportedValues(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.start(t, `{"amount":"1.00"}`)
	strange := "pay\u202eyap\u009b31m now"
	form, err := json.Marshal(map[string]string{
		"Description": strange, "Parameter": `{"order":1000000,"long":12345678901234567890,"on":true,"none":null,"text":"null","tab":"a\tb"}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	d.must(t, "sessions/"+s.Session+"/cancel", "{}")
	d.must(t, "requests/1/again", `{"key":"new","form":`+string(form)+`}`)
	number := len(d.srv.Requests())
	program := string(d.get(t, fmt.Sprintf("exports/go?request=%d", number)).body)
	if want := `map[string]string{"long": "12345678901234567890", "on": "true", "order": "1000000", "tab": "a\tb", "text": "null"}`; !strings.Contains(program, want) {
		t.Errorf("the program has no %s:\n%s", want, program)
	}
	command := string(d.get(t, fmt.Sprintf("exports/curl?request=%d", number)).body)
	if strings.ContainsAny(command, "\u202e\u009b") || !strings.Contains(command, "-d 'Description=pay%E2%80%AEyap%C2%9B31m+now'") {
		t.Errorf("the command has characters that change how it is shown:\n%q", command)
	}
}
