package natsbus

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Error codes of JetStream that the client does not name.
const (
	codeNoMessage   jetstream.ErrorCode = 10037
	codeNoLeader    jetstream.ErrorCode = 10008
	codeAccountFull jetstream.ErrorCode = 10002
	codeServerFull  jetstream.ErrorCode = 10023
	codeMemoryFull  jetstream.ErrorCode = 10028
	codeDiskFull    jetstream.ErrorCode = 10047
	codeSizeNeeded  jetstream.ErrorCode = 10113
	codeStoreFailed jetstream.ErrorCode = 10077
	codeInProcess   jetstream.ErrorCode = 10158
)

// apiError returns JetStream's error, or nil if err is not one.
func apiError(err error) *jetstream.APIError {
	if e, ok := errors.AsType[*jetstream.APIError](err); ok {
		return e
	}
	if e, ok := errors.AsType[jetstream.JetStreamError](err); ok {
		return e.APIError()
	}
	return nil
}

func isFull(e *jetstream.APIError) bool {
	switch e.ErrorCode {
	case codeAccountFull, codeServerFull, codeMemoryFull, codeDiskFull, codeStoreFailed:
		return true
	}
	return false
}

// isPassing reports whether the server accepts the request later: it is busy, or
// still stores an earlier attempt of the same message. The next attempt then gets
// the acknowledgement of the first.
func isPassing(e *jetstream.APIError) bool {
	return e.Code == http.StatusTooManyRequests || e.ErrorCode == codeInProcess
}

// isFinal reports whether a retry would have the same outcome: the server has
// decided, or the connection is closed.
func isFinal(err error) bool {
	for _, final := range []error{nats.ErrConnectionClosed, nats.ErrMaxPayload, nats.ErrPermissionViolation, flow.ErrConflict, flow.ErrExpired, flow.ErrFull} {
		if errors.Is(err, final) {
			return true
		}
	}
	e := apiError(err)
	return e != nil && !isPassing(e) && (e.Code < http.StatusInternalServerError || isFull(e) || e.ErrorCode == jetstream.JSErrCodeJetStreamNotEnabledForAccount)
}

// isOff reports whether no server accepts JetStream requests.
func isOff(err error) bool {
	return errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, nats.ErrNoResponders)
}

// explain adds what an operator should look for.
func explain(err error) error {
	if err == nil || errors.Is(err, flow.ErrConflict) || errors.Is(err, nats.ErrPermissionViolation) {
		return err
	}
	if errors.Is(err, nats.ErrConnectionClosed) {
		return fmt.Errorf("natsbus: the connection to NATS is closed for good, see Connect: %w", err)
	}
	e := apiError(err)
	switch {
	case errors.Is(err, nats.ErrDisconnected), errors.Is(err, nats.ErrReconnectBufExceeded):
		return fmt.Errorf("natsbus: no connection to a NATS server: %w", err)
	case isOff(err):
		return fmt.Errorf("natsbus: JetStream is not enabled on the NATS servers, or not reached from this account or domain: %w", err)
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		return fmt.Errorf("natsbus: no server accepts messages for the stream: it was deleted, or has no leader because too few servers are up: %w", err)
	case e == nil:
		return err
	case isFull(e):
		return fmt.Errorf("%w: natsbus: no room in stream, account or on disk: %w", flow.ErrFull, err)
	case e.ErrorCode == jetstream.JSErrCodeJetStreamNotEnabledForAccount:
		return fmt.Errorf("natsbus: JetStream is not enabled for the account: %w", err)
	case e.ErrorCode == codeNoLeader:
		return fmt.Errorf("natsbus: the cluster has no leader, because too few of its servers are up: %w", err)
	case e.ErrorCode == codeSizeNeeded:
		return fmt.Errorf("natsbus: the account requires a size for every stream; pass WithMaxBytes: %w", err)
	case e.ErrorCode == jetstream.JSErrCodeStreamNotFound:
		return fmt.Errorf("natsbus: the stream no longer exists: %w", err)
	}
	return fmt.Errorf("natsbus: %w", err)
}

// errSilent means that a request had no response.
var errSilent = errors.New("natsbus: a NATS server does not respond")

// gaveUp is the error of a request that was tried until ctx ended. It includes
// the result of the last attempt.
func gaveUp(ctx context.Context, last error) error {
	if errors.Is(last, context.DeadlineExceeded) || errors.Is(last, context.Canceled) || errors.Is(last, nats.ErrTimeout) {
		last = errSilent
	}
	return fmt.Errorf("%w: %w", explain(last), ctx.Err())
}
