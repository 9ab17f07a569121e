package natsbus_test

import (
	"bytes"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/bustest"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
)

var key = bytes.Repeat([]byte{7}, 32)

func TestOneServerIsABus(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	here, there := newBus(t, connect(t, s), natsbus.WithKey(key)), newBus(t, connect(t, s), natsbus.WithKey(key))
	bustest.Run(t, func(*testing.T) (flow.Bus, flow.Bus) { return here, there })
}

func TestAClusterIsABus(t *testing.T) {
	t.Parallel()
	servers := startCluster(t, 3)
	opts := []natsbus.Option{natsbus.WithReplicas(3), natsbus.WithKey(key)}
	here, there := newBus(t, connect(t, servers[0]), opts...), newBus(t, connect(t, servers[1]), opts...)
	bustest.Run(t, func(*testing.T) (flow.Bus, flow.Bus) { return here, there })
}
