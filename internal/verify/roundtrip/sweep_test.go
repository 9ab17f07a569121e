package roundtrip

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// cents is the range of amounts, 0.00 to 999999.99. The stride is prime, so
// that the amounts have all last digits.
const (
	cents  = 100_000_000
	stride = 47
)

// More than two million amounts over the whole range are sent exactly as
// written. A float32, which the vendor's library uses, gets most of them wrong.
func TestEveryAmountIsExact(t *testing.T) {
	t.Parallel()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // garbage is most of what a sweep makes
	began := time.Now()
	var next, done, asked, lost atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			client, wires := newClient(t)
			for {
				n := next.Add(stride) - stride
				if n >= cents || t.Failed() {
					return
				}
				want := fmt.Sprintf("%d.%02d", n/100, n%100)
				sendAmount(t, client, wires, wire.MinorUnits(n, 2), want)
				if done.Add(1)%97 != 0 {
					continue
				}
				asked.Add(1)
				if float, err := strconv.ParseFloat(want, 32); err != nil || !wire.Amount(fmt.Sprint(float32(float))).Equal(wire.Amount(want)) {
					lost.Add(1)
				}
			}
		})
	}
	workers.Wait()
	took := time.Since(began)
	if done.Load() < 2_000_000 {
		t.Errorf("%d amounts, want at least 2000000", done.Load())
	}
	t.Logf("| %d amounts, every one exact, in %.1f s; printed from a float32, %.1f %% would be wrong",
		done.Load(), took.Seconds(), 100*float64(lost.Load())/float64(asked.Load()))
}

// Amounts at the limits of the range, of decimals and of floating point are
// exact.
func TestAmountsAtTheEdges(t *testing.T) {
	t.Parallel()
	client, wires := newClient(t)
	edges := []string{
		"0", "0.0", "0.0000", "0.01", "0.1", "0.10", "0.0001", "1", "1.0", "9.99", "10", "12.00", "99.95", "100", "0.07", "1.005", "2.675",
		"999999", "999999.9", "999999.99", "999999.9999", "999999.9900", "100000.01", "131072.01", "250000.01", "262144.01", "524288.01",
		"16777.217", "8388.608", "8388.6081", "0.3", "4.35", "1234.5678",
	}
	for power := 1; power < 1_000_000; power *= 2 {
		edges = append(edges, fmt.Sprintf("%d", power), fmt.Sprintf("%d.99", power-1), fmt.Sprintf("%d.01", power))
	}
	for power := 10; power < 1_000_000; power *= 10 {
		edges = append(edges, fmt.Sprintf("%d", power), fmt.Sprintf("%d.9999", power-1), fmt.Sprintf("%d.0001", power))
	}
	for _, edge := range edges {
		sendAmount(t, client, wires, wire.Amount(edge), edge)
	}
	before := wires.count
	for _, beyond := range []wire.Amount{"1000000", "999999.99999", "-0.01", "-0", "+1", "1e3", "1,5", " 1", "1 ", "0x1", ".5", "5.", "01", "NaN", "1_0", "١"} {
		if _, err := client.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: "https://pay.example.com", ChargeAmount: beyond}); err == nil {
			t.Errorf("%q was taken, want an error", beyond)
		}
	}
	if wires.count != before {
		t.Errorf("%d refused amounts were sent", wires.count-before)
	}
	t.Logf("| %d amounts at the edges exact", len(edges))
}

func sendAmount(t *testing.T, client *payments.Client, wires *recorder, amount wire.Amount, want string) {
	t.Helper()
	params := payments.CreateParams{StatusCallback: "https://pay.example.com", IdempotencyKey: "k", ChargeAmount: amount}
	if _, err := client.Create(t.Context(), callSID, params); err != nil {
		t.Errorf("%s: %v", want, err)
		return
	}
	got, err := decode(wires.last.Body, createFields)
	if err != nil || string(got.ChargeAmount) != want {
		t.Errorf("%s was sent as %q, %v", want, got.ChargeAmount, err)
	}
}
