package natsbus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// entry is a message as stored in the stream of events.
type entry struct {
	subject  string
	sequence uint64
	at       int64 // when the stream stored it, in nanoseconds
	data     []byte
	deleted  bool // it marks the deletion of a key of a bucket
}

// batchSize is how many messages one request reads.
const batchSize = 64

// getRequest asks for one message or, from any replica, for several.
type getRequest struct {
	Sequence uint64   `json:"seq,omitempty"`
	LastOf   string   `json:"last_by_subj,omitempty"`
	NextOf   string   `json:"next_by_subj,omitempty"`
	LatestOf []string `json:"multi_last,omitempty"` // the last message of each subject
	Batch    int      `json:"batch,omitempty"`
}

// fromLeader reads one message from the leader of a stream, which has
// everything that was acknowledged; nil if there is none. The methods of
// package jetstream read from any replica if the stream allows it, and a
// replica may lag behind.
func (b *Bus) fromLeader(ctx context.Context, stream string, request getRequest) (*entry, error) {
	m, err := b.js.Conn().RequestWithContext(ctx, b.api()+"STREAM.MSG.GET."+stream, request.encode())
	if err != nil {
		return nil, err
	}
	var response struct {
		Error   *jetstream.APIError `json:"error"`
		Message struct {
			Subject  string    `json:"subject"`
			Sequence uint64    `json:"seq"`
			Data     []byte    `json:"data"`
			Header   []byte    `json:"hdrs"`
			Time     time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(m.Data, &response); err != nil {
		return nil, fmt.Errorf("natsbus: response to a read of %s: %w", stream, err)
	}
	if e := response.Error; e != nil {
		if e.ErrorCode == codeNoMessage {
			return nil, nil
		}
		return nil, e
	}
	got := response.Message
	deleted := bytes.Contains(got.Header, []byte("KV-Operation:")) || bytes.Contains(got.Header, []byte("Nats-Marker-Reason:"))
	return &entry{got.Subject, got.Sequence, got.Time.UnixNano(), got.Data, deleted}, nil
}

// fromAny reads messages of a subject from a sequence number on, from any
// replica. Too few messages, or none, are not an error: the replica may lag
// behind, and the end of a batch may be lost. Servers older than 2.11 return
// one. If the stream does not allow direct reads, it asks the leader.
func (b *Bus) fromAny(ctx context.Context, subject string, from uint64) ([]entry, error) {
	batch, err := b.direct(ctx, getRequest{Sequence: from, NextOf: subject, Batch: batchSize}, batchSize)
	if errors.Is(err, errNoDirect) {
		return b.oneFromLeader(ctx, subject, from)
	}
	return batch, err
}

// errNoDirect means that no server accepts direct reads of the stream, or that
// none responded to one.
var errNoDirect = errors.New("natsbus: no server accepts direct reads")

// direct reads up to most messages from any replica, with one request. Fewer
// are not an error: the end of a batch may be lost.
func (b *Bus) direct(ctx context.Context, request getRequest, most int) (batch []entry, err error) {
	nc := b.js.Conn()
	responses := make(chan *nats.Msg, most+1)
	inbox, err := nc.ChanSubscribe(nc.NewInbox(), responses)
	if err != nil {
		return nil, err
	}
	defer func() { _ = inbox.Unsubscribe() }()
	if err := nc.PublishRequest(b.api()+"DIRECT.GET."+b.config.stream(), inbox.Subject, request.encode()); err != nil {
		return nil, err
	}
	silence := time.NewTimer(silenceTime)
	defer silence.Stop()
	last := uint64(0) // as the server counts in a batch
	for more := true; more && len(batch) < most; {
		var e *entry
		select {
		case m := <-responses:
			if m.Header.Get("Status") == noResponders {
				return nil, errNoDirect
			}
			var after uint64
			if e, after, more = readDirect(m); e == nil || after != last {
				return batch, nil // the end, or one was lost
			}
			last = e.sequence
			batch = append(batch, *e)
			silence.Reset(silenceTime)
		case <-silence.C:
			if len(batch) == 0 {
				return nil, errNoDirect
			}
			return batch, nil
		case <-ctx.Done():
			return batch, ctx.Err()
		}
	}
	return batch, nil
}

// silenceTime is how long to wait for the next response of a batch.
const silenceTime = time.Second

// noResponders is the status of a request that no server accepts.
const noResponders = "503"

// newest reads one message of the events from the leader.
func (b *Bus) newest(ctx context.Context, request getRequest) (*entry, error) {
	return b.ask(ctx, b.config.stream(), request)
}

func (b *Bus) ask(ctx context.Context, stream string, request getRequest) (*entry, error) {
	return again(ctx, b, func(ctx context.Context) (*entry, error) {
		return b.fromLeader(ctx, stream, request)
	}, b.api()+"STREAM.MSG.GET."+stream)
}

func (b *Bus) oneFromLeader(ctx context.Context, subject string, from uint64) ([]entry, error) {
	e, err := b.fromLeader(ctx, b.config.stream(), getRequest{Sequence: from, NextOf: subject})
	if err != nil || e == nil {
		return nil, err
	}
	return []entry{*e}, nil
}

// readDirect reads a response to a direct read: a message, the sequence number
// of the one sent before it, and whether more follow. It is nil for a status,
// which ends the batch.
func readDirect(m *nats.Msg) (e *entry, after uint64, more bool) {
	number := func(header string) uint64 {
		n, _ := strconv.ParseUint(m.Header.Get(header), 10, 64) // older servers do not send all
		return n
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get(jetstream.TimeStampHeaer))
	if err != nil {
		return nil, 0, false
	}
	e = &entry{subject: m.Header.Get(jetstream.SubjectHeader), sequence: number(jetstream.SequenceHeader), at: at.UnixNano(), data: m.Data}
	return e, number("Nats-Last-Sequence"), number("Nats-Num-Pending") > 0
}

func (r getRequest) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return b
}

// api returns the prefix of JetStream's request subjects.
func (b *Bus) api() string {
	switch o := b.js.Options(); {
	case o.APIPrefix != "":
		return strings.TrimSuffix(o.APIPrefix, ".") + "."
	case o.Domain != "":
		return "$JS." + o.Domain + ".API."
	}
	return "$JS.API."
}
