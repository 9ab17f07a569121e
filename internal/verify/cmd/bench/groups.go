package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/oapi-codegen/runtime"

	"github.com/twiliopay/twiliopay-go/internal/form"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/report"
)

// suite returns everything that is measured.
func suite() (groups []group, closeAll func(), err error) {
	calls, err := callGroup()
	if err != nil {
		return nil, nil, err
	}
	deliveries, err := deliveryGroup()
	if err != nil {
		return nil, nil, err
	}
	server, err := clients.NewServer(clients.Session)
	if err != nil {
		return nil, nil, err
	}
	closeAll = func() { _ = server.Close() }
	all, err := clients.Loopback(server.Addr())
	if err != nil {
		closeAll()
		return nil, nil, err
	}
	groups = []group{calls, encodeGroup(), requestGroup(), responseGroup(), deliveries}
	for _, g := range report.Goroutines {
		groups = append(groups, loopbackGroup(all, g))
	}
	return groups, closeAll, nil
}

// callGroup is a call without a network.
func callGroup() (group, error) {
	all, err := clients.InProcess(clients.Transport{})
	if err != nil {
		return nil, err
	}
	var g group
	for _, c := range all {
		g = append(g, subject{"Call/client=" + c.Name, func(n int) error { return repeat(c, n) }})
	}
	return g, nil
}

func repeat(c clients.Client, n int) error {
	for range n {
		if err := c.Create(context.Background()); err != nil {
			return err
		}
	}
	return nil
}

// encodeGroup encodes only the form of a call.
func encodeGroup() group {
	ours, bare := clients.Params(), clients.BareParams()
	return group{
		{"Encode/client=" + clients.Bare, func(n int) error {
			for range n {
				if _, err := encodeBare(&bare); err != nil {
					return err
				}
			}
			return nil
		}},
		{"Encode/client=" + clients.Ours, func(n int) error {
			for range n {
				if _, err := encode(&ours); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

func encode(params any) ([]byte, error) { return form.Append(make([]byte, 0, 512), params) }

func encodeBare(params any) (string, error) {
	values, err := runtime.MarshalForm(params, nil)
	return values.Encode(), err
}

// requestGroup builds only the request of a call, from a prepared form.
func requestGroup() group {
	return group{
		{"Request/client=" + clients.Floor, func(n int) error {
			for range n {
				if _, err := clients.FloorRequest(context.Background()); err != nil {
					return err
				}
			}
			return nil
		}},
		{"Request/client=" + clients.Generated, func(n int) error {
			for range n {
				if _, err := clients.GeneratedRequest(); err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

// responseGroup reads only a response.
func responseGroup() group {
	text := []byte(clients.Session)
	read := func(name string, sid func([]byte) (string, error)) subject {
		return subject{"Response/client=" + name, func(n int) error {
			for range n {
				if _, err := sid(text); err != nil {
					return err
				}
			}
			return nil
		}}
	}
	return group{read(clients.Floor, clients.FloorResponse), read(clients.Generated, clients.GeneratedResponse)}
}

// loopbackGroup is calls over real connections from several goroutines.
func loopbackGroup(all []clients.Client, goroutines int) group {
	var g group
	for _, c := range all {
		name := fmt.Sprintf("Loopback/goroutines=%d/client=%s", goroutines, c.Name)
		g = append(g, subject{name, func(n int) error { return spread(n, goroutines, c.Create) }})
	}
	return g
}

// spread makes n calls from several goroutines and returns the first error.
func spread(n, goroutines int, call func(context.Context) error) error {
	var wg sync.WaitGroup
	var left atomic.Int64
	var first atomic.Pointer[error]
	left.Store(int64(n))
	for range goroutines {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := call(context.Background()); err != nil {
					first.CompareAndSwap(nil, &err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}
