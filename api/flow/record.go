package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// record is what machines agree on about a session. It is changed only by
// compare-and-swap, so of two machines that would act only one does.
type record struct {
	Format   int    `json:"format"`
	Flow     string `json:"flow"`
	Callback string `json:"callback"` // StatusCallback without the tag

	turn       // the latest step started
	Aside turn `json:"aside,omitzero"` // the capture that a cancel in progress would end
	Last  int  `json:"last,omitempty"` // the highest step number

	Complete  string     `json:"complete,omitempty"` // claim of a complete that was sent, or may have been
	Claimed   time.Time  `json:"claimed,omitzero"`   // when it was claimed
	Cancelled bool       `json:"cancelled,omitempty"`
	Settled   settlement `json:"settled,omitzero"` // by Reconcile

	Started   time.Time `json:"started,omitzero"`
	Carrier   string    `json:"carrier,omitempty"`   // of a trace, see Hooks
	Reference string    `json:"reference,omitempty"` // reference for the gateway, if one was asked for

	Writer string `json:"writer"` // unique for each revision
}

// claimUnknown is the claim in a record that has lost an earlier claim.
const claimUnknown = "unknown"

// turn is a step's hold of the session.
type turn struct {
	Step  int       `json:"step"`            // its number
	Op    operation `json:"op,omitzero"`     // what it does
	Key   string    `json:"key,omitempty"`   // its idempotency key
	Owner string    `json:"owner,omitempty"` // the flow that runs it; empty once it is over
	Until time.Time `json:"until,omitzero"`  // when the owner is presumed dead
}

// isOver reports whether the record says how the session ended. Ends that
// Twilio posted are in the messages instead.
func (r *record) isOver() bool { return r.Cancelled || r.Settled.Kind != "" }

// endNote is the message that reports the record's end to all machines.
func (r *record) endNote(s Session) Message {
	if r.Settled.Kind != "" {
		return r.settledNote(s)
	}
	return Message{Session: s, ID: "cancelled", Flow: r.Flow, Note: NoteCancelled, Final: true}
}

// held returns the turn that owner's step still has, or nil.
func (r *record) held(owner string, step int) *turn {
	for _, t := range []*turn{&r.turn, &r.Aside} {
		if t.Owner == owner && t.Step == step {
			return t
		}
	}
	return nil
}

// asking returns the turn of the capture that is or was under way, with or
// without a concurrent cancel.
func (r *record) asking() turn {
	if r.Op.Capture != "" {
		return r.turn
	}
	return r.Aside
}

// begin gives the turn to a new step. A cancel sets a capture's turn aside; the
// capture continues if the cancel fails.
func (r *record) begin(op operation, key string) {
	aside := turn{}
	if op.Status == payments.StatusCancel && r.Op.Capture != "" {
		aside = r.turn
	}
	r.Last = r.last() + 1
	r.turn, r.Aside = turn{Step: r.Last, Op: op, Key: key}, aside
}

// last returns the highest number of a step that the record knows.
func (r *record) last() int { return max(r.Last, r.Step) }

// outdate marks the record as having lost steps: the highest number known
// elsewhere is last, and a complete may have been sent. Requests without any
// callback may have used the numbers after it.
func (r *record) outdate(last int, now time.Time) {
	r.Last = last + numbersSkipped
	if r.Complete == "" {
		r.Complete, r.Claimed = claimUnknown, now
	}
}

// numbersSkipped is more steps than anyone starts without receiving a callback.
const numbersSkipped = 100

// settle gives the turn back to the capture that was set aside, once the cancel
// is over. Every new claim of a step does this first; until then the record
// holds both turns.
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
	switch {
	case o.Capture != "":
		return "capture of " + string(o.Capture)
	case o.Status == "":
		return "create"
	}
	return string(o.Status)
}

// Formats of what machines store for each other. Every change, even a new
// field, is a new format: a machine refuses data of a newer format rather than
// dropping what it does not know.
const (
	recordFormat  = 2 // 1 did not have claimed, settled, started, carrier and reference
	messageFormat = 2 // 1 did not have NoteSettled
)

// ErrFormat means that this machine cannot read a record or message on the bus: a
// newer version of this package wrote it, it is encrypted with a key that this
// machine does not have, or it is not one at all. It stays on the bus as it is:
// update this machine, or give it the key.
var ErrFormat = errors.New("flow: cannot read what is stored on the bus")

func (r record) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings, numbers, booleans and times always encode
	}
	return b
}

func decodeRecord(b []byte) (r record, err error) {
	err = decode("record of the session", b, recordFormat, &r)
	return r, err
}

// decode reads JSON of a known format, and no other. Data from before formats
// existed has none.
func decode(what string, b []byte, known int, into any) error {
	var header struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &header); err != nil {
		return fmt.Errorf("%w: the %s cannot be decoded", ErrFormat, what) // the error's own text may hold a value
	}
	if header.Format > known {
		return fmt.Errorf("%w: the %s has format %d, written by a newer version of this package; this one reads up to format %d: update it", ErrFormat, what, header.Format, known)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: the %s cannot be decoded", ErrFormat, what)
	}
	return nil
}
