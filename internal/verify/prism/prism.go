// Package prism runs Prism, a widely used mock server, as a third validator in
// another language. It needs Node and the packages of package.json in this
// directory, which make verify-prism installs.
package prism

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// program is Prism in the directory of this package.
const program = "node_modules/@stoplight/prism-cli/dist/index.js"

// Missing returns what is not installed that Prism needs, or an empty string.
func Missing() string {
	if _, err := exec.LookPath("node"); err != nil {
		return "node is not installed"
	}
	if _, err := os.Stat(program); err != nil {
		return "Prism is not installed: make verify-prism installs and runs it"
	}
	return ""
}

// Prism is a running mock server.
type Prism struct {
	url    string
	cancel context.CancelFunc
	ended  chan error
	output *bytes.Buffer
}

// Start serves a document on a free loopback port.
func Start(ctx context.Context, document []byte, dir string) (*Prism, error) {
	file := filepath.Join(dir, "document.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &Prism{url: "http://127.0.0.1:" + port, cancel: cancel, ended: make(chan error, 1), output: &bytes.Buffer{}}
	command := exec.CommandContext(ctx, "node", program, "mock", "--host", "127.0.0.1", "--port", port, "--multiprocess=false", file)
	command.Stdout, command.Stderr = p.output, p.output
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		cancel()
		return nil, err
	}
	go func() { p.ended <- command.Wait() }()
	return p, p.ready(ctx, port)
}

// ready waits until the server takes connections, up to a minute.
func (p *Prism) ready(ctx context.Context, port string) error {
	for range 600 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-p.ended:
			return fmt.Errorf("prism ended: %w: %s", err, p.output)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	p.cancel()
	return errors.New("prism did not start within a minute")
}

// Close ends the server.
func (p *Prism) Close() {
	p.cancel()
	<-p.ended
}

// Name is short, for tables.
func (*Prism) Name() string { return "prism" }

// Request returns nil for a request in which Prism finds no violation.
func (p *Prism) Request(r validators.Request) error {
	target, err := url.Parse(p.url)
	if err != nil {
		return err
	}
	target.Opaque = r.Target // unchanged, with dots and escapes
	request := &http.Request{
		Method: r.Method, URL: target, Header: r.Header.Clone(), Host: target.Host,
		Body: io.NopCloser(strings.NewReader(r.Body)), ContentLength: int64(len(r.Body)),
	}
	request.Header.Del("Content-Length")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("%d: %.300s", response.StatusCode, text)
	}
	return violations(response.Header.Get("Sl-Violations"))
}

// violations returns the violations that Prism found in the request. It also
// reports some in its own example responses, which are ignored.
func violations(header string) error {
	if header == "" {
		return nil
	}
	var found []struct {
		Location []string
		Message  string
	}
	if err := json.Unmarshal([]byte(header), &found); err != nil {
		return fmt.Errorf("violations that cannot be read: %w", err)
	}
	var all []error
	for _, v := range found {
		if len(v.Location) == 0 || v.Location[0] != "response" {
			all = append(all, errors.New(v.Message))
		}
	}
	return errors.Join(all...)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
