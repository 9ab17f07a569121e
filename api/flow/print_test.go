package flow_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// TestFlowAndMemoryPrintNothing of the callbacks they hold, nor the URL of the
// callbacks.
func TestFlowAndMemoryPrintNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := newMemory(t)
		d := newDeskOn(t, memory)
		p := noPostalCode
		p.ChargeAmount = ""
		f := d.start(p)
		d.capture(f)
		_, err := f.Complete(t.Context())
		must(t, err)
		things := []any{f, memory, struct{ F *flow.Flow }{f}, struct{ Bus flow.Bus }{memory}, []any{f, memory}}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
			for _, thing := range things {
				text := fmt.Sprintf(verb, thing)
				for _, found := range leak.Find(text, "pay.example.com", d.srv.Tokens()[0].Token, fmt.Sprintf("%x", d.srv.Tokens()[0].Token), "1111") {
					t.Errorf("%s of %T shows %s", verb, thing, found)
				}
			}
		}
		if got, want := fmt.Sprint(f, memory), "flow.Flow("+f.Session().SID+") flow.Memory(1 sessions)"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}
