package flow_test

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// exploredBus is machine m's access to the bus. For a follower m is -1, and its
// calls take effect at once.
type exploredBus struct {
	w *world
	m int
}

func (b exploredBus) Publish(ctx context.Context, m flow.Message) error {
	return b.w.ask(ctx, b.m, "publish", nil, func(fault string) error {
		if fault != "" {
			b.w.lost = true
			return errFails
		}
		b.w.publish(m)
		return nil
	})
}

func (b exploredBus) Subscribe(context.Context, flow.Session) ([]flow.Message, flow.Subscription, error) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	s := &exploredSubscription{b: b, next: len(b.w.log), changed: make(chan struct{}), closed: make(chan struct{})}
	b.w.subs = append(b.w.subs, s)
	return slices.Clone(b.w.log), s, nil
}

func (b exploredBus) Load(ctx context.Context, _ flow.Session) (value []byte, revision uint64, err error) {
	load := func(fault string) error {
		switch {
		case fault == "failed":
			return errFails
		case fault == "stale" && b.w.old != nil && b.w.revision > 1:
			value, revision = b.w.old, b.w.revision-1
		default:
			value, revision = bytes.Clone(b.w.value), b.w.revision
		}
		return nil
	}
	if b.m < 0 {
		b.w.mu.Lock()
		defer b.w.mu.Unlock()
		err = load("")
		return value, revision, err
	}
	err = b.w.ask(ctx, b.m, "load", nil, load)
	return value, revision, err
}

func (b exploredBus) Swap(ctx context.Context, _ flow.Session, value []byte, revision uint64) (written uint64, err error) {
	err = b.w.ask(ctx, b.m, "swap", nil, func(fault string) error {
		switch {
		case fault == "failed":
			return errFails
		case revision != b.w.revision:
			return flow.ErrConflict
		}
		b.w.old, b.w.value = b.w.value, bytes.Clone(value)
		b.w.revisions++
		b.w.revision = b.w.revisions
		written = b.w.revision
		if fault != "" {
			return errLost
		}
		return nil
	})
	return written, err
}

func (b exploredBus) List(ctx context.Context, _ flow.ListQuery) (page flow.ListPage, err error) {
	err = b.w.ask(ctx, b.m, "list", nil, func(fault string) error {
		if fault != "" {
			return errFails
		}
		if over := len(b.w.log) > 0 && b.w.log[len(b.w.log)-1].Final; b.w.revision != 0 && b.w.value != nil && !over {
			page.Records = []flow.ListedRecord{{
				Session: b.w.session, Value: bytes.Clone(b.w.value), Revision: b.w.revision, Changed: time.Now(),
			}}
		}
		return nil
	})
	return page, err
}

// lookup is the gateway, which reports the outcome so far.
func (c exploredClient) lookup(ctx context.Context, _ flow.OpenSession) (o flow.Outcome, err error) {
	err = c.w.ask(ctx, c.m, "lookup", nil, func(string) error {
		switch {
		case c.w.charged:
			o = flow.Charged("ch_1")
		case c.w.declined:
			o = flow.Declined("")
		default:
			o, c.w.denied = flow.NotCharged(), true
		}
		return nil
	})
	return o, err
}

type exploredSubscription struct {
	b       exploredBus
	next    int
	expired bool
	changed chan struct{}
	closed  chan struct{}
	once    sync.Once
}

func (s *exploredSubscription) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *exploredSubscription) Next(ctx context.Context) (m flow.Message, err error) {
	w := s.b.w
	take := func(string) error {
		if s.expired {
			return flow.ErrExpired
		}
		m = w.log[s.next]
		s.next++
		return nil
	}
	ready := func() bool { return s.expired || s.next < len(w.log) }
	for {
		w.mu.Lock()
		ok, changed := ready(), s.changed
		if ok && (s.b.m < 0 || w.free) {
			defer w.mu.Unlock()
			return m, take("")
		}
		w.mu.Unlock()
		if ok {
			err = w.ask(ctx, s.b.m, "next", ready, take)
			return m, err
		}
		select {
		case <-changed:
		case <-s.closed:
			return m, flow.ErrClosed
		case <-ctx.Done():
			return m, ctx.Err()
		}
	}
}

func (s *exploredSubscription) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// exploredClient is machine m's access to Twilio.
type exploredClient struct {
	w *world
	m int
}

func (c exploredClient) Create(context.Context, string, payments.CreateParams, ...payments.Option) (*payments.Session, error) {
	return &payments.Session{AccountSID: c.w.session.AccountSID, CallSID: c.w.session.CallSID, SID: c.w.session.SID}, nil
}

func (c exploredClient) Update(ctx context.Context, _, sid string, p payments.UpdateParams, _ ...payments.Option) (*payments.Session, error) {
	err := c.w.ask(ctx, c.m, "update", nil, func(fault string) error {
		switch fault {
		case "refused":
			return &payments.Error{Op: "update", Status: 400, Code: 64020, Attempts: 1}
		case "unsent":
			if p.Status == payments.StatusComplete {
				c.w.completes = append(c.w.completes, p.IdempotencyKey) // no machine can know that it was not processed
			}
			return errLost
		}
		if err := c.w.update(p); err != nil {
			return err
		}
		if fault != "" {
			return errLost
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &payments.Session{SID: sid}, nil
}

// update is Twilio's part.
func (w *world) update(p payments.UpdateParams) error {
	u, _ := url.Parse(p.StatusCallback)
	var step int
	var flowID string
	for _, part := range strings.Split(u.Query().Get("twiliopay"), ".") { // call, step and flow
		if n, err := strconv.Atoi(part); err == nil && len(part) < 32 {
			step = n
		} else if !strings.HasPrefix(part, "CA") {
			flowID = part
		}
	}
	what := string(p.Capture) + string(p.Status)
	if before, known := w.requests[step]; known && before != what {
		w.requests[step] = before + " and " + what
	} else {
		w.requests[step] = what
	}
	refused := &payments.Error{Op: "update", Status: 400, Code: 64021, Attempts: 1}
	post := func(fields form, final bool) {
		w.posted++
		w.unposted = append(w.unposted, &flow.Message{
			Session: w.session, ID: strconv.Itoa(w.posted), Flow: flowID, Step: step, Final: final, Body: wire.Hide(formOf(w.session, fields).values().Encode()),
		})
	}
	switch {
	case p.Status == payments.StatusComplete:
		if w.over {
			return refused
		}
		w.completes = append(w.completes, p.IdempotencyKey)
		w.over, w.charged = true, !w.declines
		w.misled = w.denied
		if w.declined = w.declines; w.declined {
			post(form{"Result": "payment-connector-error", "PayErrorCode": "64008"}, true)
			return nil
		}
		if w.twoEnds {
			post(form{"Result": "transaction-cancelled"}, true)
		}
		post(form{"Result": "success", "PaymentConfirmationCode": "ch_1"}, true)
	case p.Status == payments.StatusCancel:
		if w.charged && w.twoFaced {
			return nil
		}
		if w.over {
			return refused
		}
		w.over = true
		if !w.silent {
			post(form{"Result": "transaction-cancelled"}, true)
		}
	case w.over:
		return refused
	default:
		post(form{"Capture": string(p.Capture), "Required": ""}, false)
	}
	return nil
}
