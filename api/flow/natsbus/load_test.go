package natsbus_test

import (
	"sync"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/internal/load"
)

// TestManySessionsOverACluster runs two thousand over three machines, each
// connected to another server. Callbacks, steps and watchers are on different
// machines.
func TestManySessionsOverACluster(t *testing.T) {
	sessions := 2_000
	if raceDetector {
		sessions = 500
	}
	buses, _ := machines(t, natsbus.WithKey(key))
	load.Run(t, load.Config{
		Sessions: sessions, Workers: 100, Machines: buses, Digits: 20, Patience: 5 * time.Second,
	}).Check(t, sessions)
}

// TestAServerDiesWhileSessionsRun kills the leader of the stream while two
// hundred sessions are open.
func TestAServerDiesWhileSessionsRun(t *testing.T) {
	const sessions = 200
	servers := startCluster(t, 3)
	var machines []flow.Bus
	for i := range servers { // each prefers a different server, and knows the others
		order := append(servers[i:len(servers):len(servers)], servers[:i]...)
		machines = append(machines, newBus(t, connect(t, order...), natsbus.WithReplicas(3), natsbus.WithKey(key), natsbus.WithHeartbeat(500*time.Millisecond)))
	}
	var once sync.Once
	load.Run(t, load.Config{
		Sessions: sessions, Workers: sessions, Machines: machines, Digits: 50, Patience: 20 * time.Second,
		Progress: func(done int) {
			if done > sessions/10 {
				once.Do(func() {
					for _, s := range servers {
						if s.JetStreamIsStreamLeader("$G", "TWILIOPAY_EVENTS") {
							t.Logf("%s dies after %d sessions", s.Name(), done)
							go stop(s)
							return
						}
					}
					t.Error("no server leads the stream")
				})
			}
		},
	}).Check(t, sessions)
}
