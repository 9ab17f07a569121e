package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// stepTime limits a step. The caller has that long for one field.
const stepTime = 2 * time.Minute

// desk serves the agents' browsers.
type desk struct {
	client   flow.Client
	bus      flow.Bus
	callback string
	opts     []flow.Option

	mu    sync.Mutex
	flows map[flow.Session]*flow.Flow
}

// agents is the process that serves the agents' browsers.
func agents(ctx context.Context, kind, metrics string, out io.Writer) error {
	bus, disconnect, err := connect(ctx, kind)
	if err != nil {
		return err
	}
	defer disconnect()
	measured, err := measure(ctx, metrics, out)
	if err != nil {
		return err
	}
	client, err := payments.NewClient(measured.client...)
	if err != nil {
		return err
	}
	base := os.Getenv("PUBLIC_URL")
	if base == "" {
		return errors.New("PUBLIC_URL is not set: it must be the scheme and host at which Twilio reaches the callbacks process")
	}
	// rc=5 and rp=all ask Twilio to retry failed deliveries up to five times.
	return serve(ctx, out, newDesk(client, bus, base+"/status#rc=5&rp=all", measured.flow...), stepTime+30*time.Second)
}

func newDesk(client flow.Client, bus flow.Bus, callback string, opts ...flow.Option) http.Handler {
	d := &desk{client: client, bus: bus, callback: callback, opts: opts, flows: make(map[flow.Session]*flow.Flow)}
	const session = "/calls/{call}/payments/{account}/{sid}/"
	mux := http.NewServeMux()
	mux.HandleFunc("POST /calls/{call}/payments", d.start)
	mux.HandleFunc("POST "+session+"capture/{field}", d.step(func(ctx context.Context, f *flow.Flow, r *http.Request) (any, error) {
		return f.Capture(ctx, payments.Capture(r.PathValue("field")))
	}))
	mux.HandleFunc("POST "+session+"complete", d.step(func(ctx context.Context, f *flow.Flow, _ *http.Request) (any, error) {
		result, err := f.Complete(ctx)
		if err != nil {
			return nil, err
		}
		return map[string]string{"confirmation": result.ConfirmationCode.Reveal()}, nil
	}))
	mux.HandleFunc("POST "+session+"cancel", d.step(func(ctx context.Context, f *flow.Flow, _ *http.Request) (any, error) {
		return nil, f.Cancel(ctx)
	}))
	mux.HandleFunc("GET "+session+"events", d.events)
	servePage(mux)
	// Other pages in the agent's browser must not be able to charge: a POST from
	// another origin gets 403.
	return http.NewCrossOriginProtection().Handler(mux)
}

// start starts a session on a call, for the amount in the form.
func (d *desk) start(w http.ResponseWriter, r *http.Request) {
	f, err := flow.Start(r.Context(), d.client, d.bus, r.PathValue("call"), payments.CreateParams{
		ChargeAmount: wire.Amount(r.FormValue("amount")), PostalCode: new(false), StatusCallback: d.callback,
	}, d.opts...)
	if err != nil {
		refuse(w, err)
		return
	}
	d.keep(f)
	reply(w, http.StatusCreated, f.Session())
}

// flow returns the flow of a session: the one this process has, or else it resumes
// the session, which another process may have started.
func (d *desk) flow(r *http.Request) (*flow.Flow, error) {
	s := flow.Session{AccountSID: r.PathValue("account"), CallSID: r.PathValue("call"), SID: r.PathValue("sid")}
	d.mu.Lock()
	f := d.flows[s]
	d.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := flow.Resume(r.Context(), d.client, d.bus, s.AccountSID, s.CallSID, s.SID, d.opts...)
	if err != nil {
		return nil, err
	}
	return d.keep(f), nil
}

// keep stores a flow until its session ends, and returns the stored one.
func (d *desk) keep(f *flow.Flow) *flow.Flow {
	d.mu.Lock()
	defer d.mu.Unlock()
	if kept := d.flows[f.Session()]; kept != nil {
		_ = f.Close()
		return kept
	}
	d.flows[f.Session()] = f
	go func() {
		for range f.Events(context.Background()) {
		}
		_ = f.Close()
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.flows, f.Session())
	}()
	return f
}

// step returns a handler that responds when the step is done.
func (d *desk) step(do func(context.Context, *flow.Flow, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), stepTime)
		defer cancel()
		f, err := d.flow(r)
		if err != nil {
			refuse(w, err)
			return
		}
		done, err := do(ctx, f, r)
		if err != nil {
			refuse(w, err)
			return
		}
		reply(w, http.StatusOK, done)
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func getenv(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
