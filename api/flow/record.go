package flow

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// record is what machines agree on about a session. It is changed by Swap
// alone, so that of two machines which would act only one does.
type record struct {
	Flow     string `json:"flow"`
	Callback string `json:"callback"` // StatusCallback without its tag

	turn       // the latest step begun
	Aside turn `json:"aside,omitzero"` // the capture that a cancel would end, while that is under way
	Last  int  `json:"last,omitempty"` // the highest number of a step

	Complete  string `json:"complete,omitempty"` // key of the complete that was sent, or may have been
	Cancelled bool   `json:"cancelled,omitempty"`

	Writer string `json:"writer"` // of this revision, never the same twice
}

// turn is a step's hold of the session.
type turn struct {
	Step  int       `json:"step"`            // its number
	Op    operation `json:"op,omitzero"`     // what it does
	Key   string    `json:"key,omitempty"`   // its idempotency key
	Owner string    `json:"owner,omitempty"` // the flow that runs it; empty once it is over
	Until time.Time `json:"until,omitzero"`  // when the owner is taken for dead
}

// held returns the turn that a step of owner still has, or nil.
func (r *record) held(owner string, step int) *turn {
	for _, t := range []*turn{&r.turn, &r.Aside} {
		if t.Owner == owner && t.Step == step {
			return t
		}
	}
	return nil
}

// asking returns the turn of the capture that is or was under way, a cancel
// beside it or not.
func (r *record) asking() turn {
	if r.Op.Capture != "" {
		return r.turn
	}
	return r.Aside
}

// begin gives the turn to a new step. A cancel lays that of a capture aside,
// which goes on should the cancel fail.
func (r *record) begin(op operation, key string) {
	aside := turn{}
	if op.Status == payments.StatusCancel && r.Op.Capture != "" && r.Owner != "" {
		aside = r.turn
	}
	r.Last = max(r.Last, r.Step) + 1
	r.turn, r.Aside = turn{Step: r.Last, Op: op, Key: key}, aside
}

// settle gives the turn back to the capture that was laid aside, once the
// cancel is over.
func (r *record) settle(over bool) {
	if over && r.Aside.Step != 0 {
		r.turn, r.Aside = r.Aside, turn{}
	}
}

// operation is what a step does. The zero operation is none.
type operation struct {
	Capture payments.Capture `json:"capture,omitempty"`
	Status  payments.Status  `json:"status,omitempty"`
}

func (o operation) String() string {
	if o.Capture != "" {
		return "capture of " + string(o.Capture)
	}
	return string(o.Status)
}

// How often a record is written again when the bus fails, and how long is
// waited when it was changed at the same time.
const (
	swapTries = 3
	swapPause = 20 * time.Millisecond
)

// change edits the record and swaps it in. The edit is called with the newest
// record, again when that turns out to be old; an error of its own leaves the
// record as it is. After any other error the record may have been changed.
func (f *Flow) change(ctx context.Context, edit func(*record) error) error {
	select {
	case f.changing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-f.changing }()
	f.writes++
	writer := f.owner + "." + strconv.Itoa(f.writes)
	fresh := false
	for failures, conflicts := 0, 0; ; {
		if f.revision == 0 && !fresh {
			if err := f.reload(ctx); err != nil {
				return err
			}
			fresh = true
		}
		next := f.record
		if err := edit(&next); err != nil {
			if fresh {
				return err
			}
			f.revision = 0 // what was refused may rest on an old record
			continue
		}
		next.Writer = writer
		revision, err := f.bus.Swap(ctx, f.session, next.encode(), f.revision)
		if err == nil {
			f.keep(next, revision)
			return nil
		}
		f.revision = 0
		switch {
		case errors.Is(err, ErrConflict) && conflicts == 0: // what was known was old
			conflicts, err = 1, nil
		case errors.Is(err, ErrConflict): // others swap too, or the bus reads what is old
			err = sleep(ctx, rand.N(swapPause)) // #nosec G404 -- jitter is no secret
		case failures < swapTries-1:
			failures, err = failures+1, nil
		}
		if err == nil {
			err = f.reload(ctx)
		}
		if err != nil {
			return err
		}
		if fresh = true; f.record.Writer == writer {
			return nil // it was written, and the answer lost
		}
	}
}

// reload reads the record. Without one, what is known of it stays.
func (f *Flow) reload(ctx context.Context) error {
	value, revision, err := f.bus.Load(ctx, f.session)
	if err != nil || revision == 0 {
		f.revision = 0
		return err
	}
	var r record
	if err := json.Unmarshal(value, &r); err != nil {
		return errors.New("flow: the bus has something else under the session's name")
	}
	f.keep(r, revision)
	return nil
}

// keep remembers the record as it is known to be.
func (f *Flow) keep(r record, revision uint64) {
	f.record, f.revision = r, revision
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = r
	if r.Cancelled && f.current {
		f.cancel()
	}
}

func (r record) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // text, numbers, booleans and times always encode
	}
	return b
}
