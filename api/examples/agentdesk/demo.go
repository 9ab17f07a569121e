package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// demo starts everything and plays the agent's browser.
func demo(ctx context.Context, kind string, w io.Writer) error {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	out := &lines{w: w}
	c, err := startCluster(ctx, kind, out, paymentstest.VisaCaller())
	if err != nil {
		return err
	}
	defer c.stop()
	out.printf("demo", "the agent's page is at %s/ while this runs; use -watch to be the agent yourself", c.agents.url)
	b := browser{desk: c.agents.url, out: out}
	if err := b.pay(ctx, c.twilio.NewCall().SID); err != nil {
		return err
	}
	if n := len(c.twilio.Charges()); n != 1 {
		return fmt.Errorf("%d charges, want 1", n)
	}
	// The screen may show an event before the process that published it counts it,
	// which it does before it responds to the callback.
	if err := c.twilio.Wait(ctx); err != nil {
		return err
	}
	if c.receiver.stop(); c.receiver.published != b.events {
		return fmt.Errorf("process %d published %d events, but the screen shows %d", c.receiver.pid, c.receiver.published, b.events)
	}
	out.printf("demo", "%d events crossed from process %d to process %d over %s; Twilio charged once", b.events, c.receiver.pid, c.agents.pid, kind)
	return nil
}

// cluster is a simulated Twilio, the shared bus and the two processes.
type cluster struct {
	twilio           *paymentstest.Server
	receiver, agents *process
	release          []func()
}

// startCluster starts everything, with a scripted caller.
func startCluster(ctx context.Context, kind string, out *lines, caller paymentstest.Caller) (_ *cluster, err error) {
	c := &cluster{} // not the named result, which is nil on an error
	defer func() {
		if err != nil {
			c.stop()
		}
	}()
	shared, where, release, err := share(ctx, kind)
	if err != nil {
		return nil, err
	}
	c.release = append(c.release, release)
	if c.twilio, err = paymentstest.Start(paymentstest.WithCaller(caller)); err != nil {
		return nil, err
	}
	c.release = append(c.release, c.twilio.Close)
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	env := append(os.Environ(), shared, "PAY_KEY="+hex.EncodeToString(key), "ADDR=127.0.0.1:0",
		"TWILIO_ACCOUNT_SID="+c.twilio.AccountSID(), "TWILIO_AUTH_TOKEN="+c.twilio.AuthToken(), "TWILIO_BASE_URL="+c.twilio.URL)
	if c.receiver, err = startProcess(ctx, out, kind, "callbacks", env); err != nil {
		return nil, err
	}
	c.release = append(c.release, c.receiver.stop)
	if c.agents, err = startProcess(ctx, out, kind, "desk", append(env, "PUBLIC_URL="+c.receiver.url)); err != nil {
		return nil, err
	}
	c.release = append(c.release, c.agents.stop)
	out.printf("demo", "%s, callbacks in process %d, the agent's desk in process %d", where, c.receiver.pid, c.agents.pid)
	return c, nil
}

// stop stops everything in reverse order.
func (c *cluster) stop() {
	for _, release := range slices.Backward(c.release) {
		release()
	}
	c.release = nil
}

// share starts the bus. It returns the environment variable for the processes, a
// description for the demo, and a function that releases the bus.
func share(ctx context.Context, kind string) (setting, where string, release func(), err error) {
	if kind == overPostgreSQL {
		return "DATABASE_URL=" + os.Getenv("DATABASE_URL"), "PostgreSQL at DATABASE_URL", func() {}, migrate(ctx)
	}
	broker, err := startNATS()
	if err != nil {
		return "", "", nil, err
	}
	return "NATS_URL=" + broker.ClientURL(), "NATS at " + broker.ClientURL(), broker.Shutdown, nil
}

// startNATS starts a NATS server in this process, on a loopback address.
func startNATS() (*server.Server, error) {
	dir, err := os.MkdirTemp("", "agentdesk")
	if err != nil {
		return nil, err
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "agentdesk", Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true,
	})
	if err != nil {
		return nil, err
	}
	go func() {
		s.Start()
		s.WaitForShutdown()
		_ = os.RemoveAll(dir)
	}()
	if !s.ReadyForConnections(10 * time.Second) {
		return nil, errors.New("the NATS server did not start")
	}
	return s, nil
}

// process is this program in another role.
type process struct {
	url  string
	pid  int
	stop func() // may be called repeatedly

	published int // events it has published; read it after stop
}

// startProcess starts this program in a role, and waits for its URL.
func startProcess(ctx context.Context, out *lines, kind, role string, env []string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-bus="+kind, role) // #nosec G204 -- starts this program again
	cmd.Env, cmd.Stderr = env, os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	scanner := bufio.NewScanner(stdout)
	if !scanner.Scan() {
		_ = cmd.Wait()
		return nil, fmt.Errorf("process %s did not start", role)
	}
	p := &process{url: scanner.Text(), pid: cmd.Process.Pid}
	var reading sync.WaitGroup
	reading.Go(func() {
		for scanner.Scan() {
			// The browser prints each event, so do not print it twice.
			if text := scanner.Text(); strings.HasPrefix(text, "published ") {
				p.published++
			} else {
				out.printf(role, "%s", text)
			}
		}
	})
	p.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		reading.Wait()
		_ = cmd.Wait()
	})
	return p, nil
}

// browser plays the agent's browser.
type browser struct {
	desk   string
	out    *lines
	events int
}

// pay takes a payment of 49.90 and prints its events.
func (b *browser) pay(ctx context.Context, call string) error {
	var s flow.Session
	if err := b.post(ctx, "/calls/"+call+"/payments", url.Values{"amount": {"49.90"}}, &s); err != nil {
		return err
	}
	session := "/calls/" + s.CallSID + "/payments/" + s.AccountSID + "/" + s.SID + "/"
	screen := make(chan error, 1)
	go func() { screen <- b.watch(ctx, session+"events") }()
	for _, field := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode} {
		var entry flow.Progress
		if err := b.post(ctx, session+"capture/"+string(field), nil, &entry); err != nil {
			return err
		}
		b.out.printf("agent", "%s captured: %s", field, entry.Entered)
	}
	var result struct{ Confirmation string }
	if err := b.post(ctx, session+"complete", nil, &result); err != nil {
		return err
	}
	b.out.printf("agent", "paid, confirmation %s", result.Confirmation)
	return <-screen
}

func (b *browser) post(ctx context.Context, path string, form url.Values, result any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.desk+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusBadRequest {
		var refused refusal
		_ = json.NewDecoder(resp.Body).Decode(&refused)
		return fmt.Errorf("%s: %s: %s", path, resp.Status, refused.Error)
	}
	return json.NewDecoder(resp.Body).Decode(result)
}

// watch prints the events until the stream ends.
func (b *browser) watch(ctx context.Context, path string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.desk+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	scanner := bufio.NewScanner(resp.Body)
	for scanner.Scan() {
		data, ok := strings.CutPrefix(scanner.Text(), "data: ")
		if !ok {
			continue
		}
		var p flow.Progress
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			return err
		}
		b.events++
		b.out.printf("screen", "%2d %s %s", p.Number, p.Kind, cmp.Or(string(p.Result), p.Entered, string(p.Capture)))
	}
	return scanner.Err()
}

// lines prints whole lines from many goroutines.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) printf(who, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, "%-9s | %s\n", who, fmt.Sprintf(format, args...))
}
