package flow_test

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/bustest"
)

func TestMemoryIsABus(t *testing.T) {
	t.Parallel()
	bustest.Run(t, func(t *testing.T) (here, there flow.Bus) {
		bus := newMemory(t)
		return bus, bus
	}, bustest.WithForgetting(func(_ *testing.T, here flow.Bus, s flow.Session) {
		here.(*flow.Memory).Forget(s)
	}), bustest.WithClosing(func(t *testing.T, bus flow.Bus) {
		must(t, bus.(*flow.Memory).Close())
	}))
}
