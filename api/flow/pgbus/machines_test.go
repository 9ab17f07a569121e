package pgbus_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// threeMachines share a server, each with its own pool.
func threeMachines(t *testing.T, opts ...pgbus.Option) (buses [3]flow.Bus, pools [3]*pgxpool.Pool) {
	t.Helper()
	url := pgserver.Shared(t).URL("postgres")
	opts = append(opts, newSchema(t, newPool(t, url)))
	for i := range buses {
		pools[i] = newPool(t, url)
		buses[i] = newBus(t, pools[i], opts...)
	}
	return buses, pools
}

func TestAMachineDiesAndAnotherResumes(t *testing.T) {
	t.Parallel()
	buses, pools := threeMachines(t, pgbus.WithKey(key))
	flowtest.MachineDies(t, buses[0], buses[1], buses[2], pools[0].Close)
}

func TestMachinesCompeteToComplete(t *testing.T) {
	t.Parallel()
	buses, _ := threeMachines(t, pgbus.WithKey(key))
	flowtest.CompleteAtOnce(t, buses[:]...)
}

// TestReconcile with and without a key.
func TestReconcile(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]pgbus.Option{"sealed": {pgbus.WithKey(key)}, "plain": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			buses, _ := threeMachines(t, opts...)
			flowtest.Reconcile(t, buses)
		})
	}
}
