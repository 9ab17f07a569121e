package pgbus_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/load"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// machinesOn returns the buses of three machines, each with its own pool.
func machinesOn(t *testing.T, url string, schema pgbus.Option) (machines []flow.Bus) {
	for range 3 {
		pool := newPool(t, url, func(c *pgxpool.Config) { c.MaxConns = 10 })
		machines = append(machines, newBus(t, pool, schema, pgbus.WithKey(key)))
	}
	return machines
}

// TestManySessionsUnderFaults runs two thousand over three machines. Callbacks,
// steps and watchers are on different machines. All the while connections are
// terminated, including listening ones, and twice the server is killed and
// restarted.
func TestManySessionsUnderFaults(t *testing.T) {
	sessions := 2_000
	if raceDetector {
		sessions = 500
	}
	s := pgserver.Start(t)
	owner := newPool(t, s.URL("postgres"))
	machines := machinesOn(t, s.URL("postgres")+"&application_name=machine", newSchema(t, owner))

	var mu sync.Mutex
	killed, ended := 0, 0
	counts := load.Run(t, load.Config{
		Sessions: sessions, Workers: 100, Machines: machines, Digits: 20, Patience: 20 * time.Second,
		Progress: func(done int) {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case done*3/sessions > killed && killed < 2:
				killed++
				s.Kill()
				s.Start()
			case done%20 == 0:
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				var n int
				if owner.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM (
					SELECT pid FROM pg_stat_activity WHERE application_name = 'machine' ORDER BY random() LIMIT 3) a`).Scan(&n) == nil {
					ended += n
				}
			}
		},
	})
	t.Logf("%d connections were terminated, the server was killed %d times", ended, killed)
	counts.Check(t, sessions)
	if killed != 2 || ended < sessions/20 {
		t.Error("too few faults")
	}
}

// TestAFailoverWhileSessionsRun loses the primary while two hundred sessions
// are open, and promotes a synchronous standby at another address.
func TestAFailoverWhileSessionsRun(t *testing.T) {
	const sessions = 200
	primary, standby, url := pair(t)
	owner := newPool(t, url)
	schema := newSchema(t, owner)
	machines := machinesOn(t, url, schema)
	var once sync.Once
	load.Run(t, load.Config{
		Sessions: sessions, Workers: sessions, Machines: machines, Digits: 50, Patience: 30 * time.Second,
		Progress: func(done int) {
			if done > sessions/10 {
				once.Do(func() {
					t.Logf("the primary is lost after %d sessions", done)
					primary.Kill()
					standby.Promote()
				})
			}
		},
	}).Check(t, sessions)
}
