package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/report"
)

// Growth is measured over this many calls, in blocks.
const (
	growthCalls      = 200_000
	growthBlock      = 20_000
	growthGoroutines = 8
	growthMemory     = growthBlock / 2 // deliveries a handler remembers, so that the first block fills it
)

// growth measures whether a client and a handler cost more with use: every call
// has another call SID, every delivery another session.
func growth(w *benchfmt.Writer, config []benchfmt.Config) error {
	server, err := clients.NewServer(clients.SessionOfAny)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	call, err := freshCalls(payments.WithBaseURL("http://" + server.Addr()))
	if err != nil {
		return err
	}
	if err := blocks(w, config, "GrowthCalls", server.Connections, func() error {
		return spread(growthBlock, growthGoroutines, call)
	}); err != nil {
		return err
	}
	deliver, err := freshDeliveries()
	if err != nil {
		return err
	}
	return blocks(w, config, "GrowthDeliveries", nil, func() error { return deliver(growthBlock) })
}

// freshCalls returns a function that creates a session on a new call each time.
func freshCalls(opts ...payments.Option) (func(context.Context) error, error) {
	client, err := payments.NewClient(append([]payments.Option{
		payments.WithCredentials(clients.AccountSID, clients.AuthToken),
		payments.WithLogger(slog.New(slog.DiscardHandler)),
	}, opts...)...)
	if err != nil {
		return nil, err
	}
	params := clients.Params()
	params.IdempotencyKey = ""
	var calls atomic.Int64
	return func(ctx context.Context) error {
		_, err := client.Create(ctx, fmt.Sprintf("CA%032x", calls.Add(1)), params)
		return err
	}, nil
}

// freshDeliveries returns a function that delivers an event of a new session n
// times. The cost includes signing, which is the sender's work.
func freshDeliveries() (func(n int) error, error) {
	memory, err := callback.NewMemoryDeduplicator(growthMemory, time.Hour)
	if err != nil {
		return nil, err
	}
	h, err := callback.NewHandler(func(context.Context, callback.Event) error { return nil },
		append(slices.Clip(options), callback.WithDeduplicator(memory))...)
	if err != nil {
		return nil, err
	}
	form, sessions := clients.EventForm(), 0
	return func(n int) error {
		for range n {
			sessions++
			form.Set("Sid", fmt.Sprintf("PK%032x", sessions))
			d, err := clients.NewDelivery(form)
			if err != nil {
				return err
			}
			if d.To(h) != http.StatusNoContent {
				return errors.New("a delivery was refused")
			}
		}
		return nil
	}, nil
}

// blocks runs blocks of work until all calls are made. After each it writes the
// cost of a call in the block and what remains in use.
func blocks(w *benchfmt.Writer, config []benchfmt.Config, name string, connections func() int, run func() error) error {
	for done := growthBlock; done <= growthCalls; done += growthBlock {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cpu, start := processorTime(), time.Now()
		if err := run(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		took, used := time.Since(start), processorTime()-cpu
		runtime.ReadMemStats(&after)
		values := []benchfmt.Value{
			{Value: took.Seconds() / growthBlock, Unit: report.Time},
			{Value: used.Seconds() / growthBlock, Unit: report.CPU},
			{Value: float64(after.TotalAlloc-before.TotalAlloc) / growthBlock, Unit: report.Bytes},
			{Value: float64(after.Mallocs-before.Mallocs) / growthBlock, Unit: report.Allocs},
			{Value: float64(heap()), Unit: report.Heap},
			{Value: float64(runtime.NumGoroutine()), Unit: report.Routines},
		}
		if connections != nil {
			values = append(values, benchfmt.Value{Value: float64(connections()), Unit: report.Conns})
		}
		result := benchfmt.Result{Config: config, Name: benchfmt.Name(fmt.Sprintf("%s/after=%d", name, done)), Iters: growthBlock, Values: values}
		if err := w.Write(&result); err != nil {
			return err
		}
	}
	return nil
}

// heap is the memory in use after garbage collection. Pools release their
// contents in the second collection.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
