package payments

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/form"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

const formType = "application/x-www-form-urlencoded"

// The names of operations, in errors and logs.
const (
	opCreate   = "create"
	opCapture  = "capture"
	opComplete = "complete"
	opCancel   = "cancel"
	opUpdate   = "update"
)

// operation is what the API's two calls differ in.
type operation struct {
	name         string
	callSID, sid string
	update       bool // of the session sid; false creates one
	key          *string
	params       params
}

// params is a pointer to one of the contract's parameter structs.
type params interface{ check() violations }

func updateName(p *UpdateParams) string {
	switch {
	case p.Capture != "" && p.Status == "":
		return opCapture
	case p.Status == StatusComplete && p.Capture == "":
		return opComplete
	case p.Status == StatusCancel && p.Capture == "":
		return opCancel
	}
	return opUpdate
}

// call is one operation in progress.
type call struct {
	config
	operation
	body  []byte
	began time.Time
	made  int // attempts started
	last  *attemptResult

	// With a source of credentials:
	cached   *auth        // for the attempt
	replaced []*auth      // of earlier attempts; errors still redact them
	refused  *refusedAuth // nil before a 401
}

// do runs a call: it applies the options to the client's, checks and encodes the
// parameters, and makes attempts until one succeeds or no retry is allowed
// (retry.go).
func (c *Client) do(ctx context.Context, op operation, opts []Option) (*Session, error) {
	if *op.key == "" {
		*op.key = rand.Text()
	}
	run := call{operation: op, began: time.Now()}
	var err error
	switch {
	case ctx == nil:
		ctx, err = context.Background(), errors.New("the context is nil")
	case c == nil || c.config.http == nil:
		err = errors.New("the client is empty: make one with NewClient")
	case len(opts) > 0:
		run.config, err = c.config.with(opts)
	default:
		run.config = c.config
	}
	if run.info != nil {
		*run.info = ResponseInfo{IdempotencyKey: *op.key}
	}
	ctx, end := run.begin(ctx)
	returned := false
	defer func() {
		if !returned { // a panic, for example of the transport, which goes on
			end(nil, run.broken())
		}
	}()
	session, failure := run.perform(ctx, err)
	returned = true
	if end(session, failure); failure != nil {
		return nil, failure
	}
	return session, nil
}

var errPanicked = errors.New("the call panicked")

// broken returns the error that hooks get of a call that panicked. Once an attempt
// was started, it may have been sent.
func (c *call) broken() *Error {
	return &Error{Op: c.name, IdempotencyKey: *c.key, Attempts: c.made, outcomeUnknown: c.made > 0, cause: errPanicked}
}

// perform checks and encodes the parameters and makes the attempts. A non-nil
// err fails the call at once.
func (c *call) perform(ctx context.Context, err error) (*Session, *Error) {
	if err == nil {
		err = c.prepare()
	}
	if err != nil {
		return nil, c.fail(ctx, &attemptResult{err: err}, 0, false)
	}
	return c.attempts(ctx)
}

// prepare checks the parameters and encodes them. WithoutValidation skips the
// checks of everything but the SIDs.
func (c *call) prepare() error {
	var found violations
	if !sid.Call.Is(c.callSID) {
		found.add("CallSid", ruleCall)
	}
	if c.endpoints == nil {
		found.add("AccountSid", "is missing: set it with WithAccount or TWILIO_ACCOUNT_SID")
	}
	if c.update && !sid.Payment.Is(c.sid) {
		found.add("Sid", rulePayment)
	}
	if !c.unchecked {
		found = append(found, c.params.check()...)
	}
	body, err := form.Append(make([]byte, 0, 512), c.params)
	if err == nil {
		body, err = c.appendExtra(body)
	}
	if field, ok := errors.AsType[*form.FieldError](err); ok {
		found.addOnce(field.Field, field.Err.Error())
	}
	c.body = body
	return found.err()
}

// fail returns the error of a failed call, and logs it.
func (c *call) fail(ctx context.Context, a *attemptResult, attempts int, unknown bool) *Error {
	e := a.error(c)
	e.Op, e.IdempotencyKey, e.Attempts, e.outcomeUnknown = c.name, *c.key, attempts, unknown
	c.logFailure(ctx, e, time.Since(c.began))
	return e
}

var (
	errKnownField = errors.New("is a field of the contract: set it in the parameters, not with WithExtraParams")
	errNoName     = errors.New("must have no empty names")
)

// appendExtra appends the fields of WithExtraParams, sorted by name.
func (c *call) appendExtra(body []byte) ([]byte, error) {
	if c.extra == nil {
		return body, nil
	}
	extra, known := c.extra(), form.Names(c.params)
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		if name == "" {
			return body, &form.FieldError{Field: "WithExtraParams", Err: errNoName}
		}
		if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			return body, &form.FieldError{Field: name, Err: errKnownField}
		}
		for _, value := range extra[name] {
			var err error
			if body, err = form.AppendPair(body, name, value); err != nil {
				return body, &form.FieldError{Field: "WithExtraParams", Err: err}
			}
		}
	}
	return body, nil
}
