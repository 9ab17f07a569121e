package main

// What the protocol of flow may get wrong. The explorer has to find each by
// itself: the other tests of flow are not run.
var flowMutations = []Mutation{
	{"api/flow/change.go", "\t\t\tif known, err = f.read(ctx); err != nil {\n\t\t\t\treturn err\n\t\t\t}\n", "\t\t\tif known, err = f.read(ctx); errors.Is(err, ErrExpired) {\n\t\t\t\tknown, err = stored.Create(ctx, f.place(), recordCodec, record{Flow: f.seen.Flow, Callback: f.seen.Callback})\n\t\t\t}\n\t\t\tif err != nil {\n\t\t\t\treturn err\n\t\t\t}\n", "a record that is gone is made anew"},
	{"api/flow/step.go", `s.completing = r.Complete != s.fresh && f.mayComplete(r)`, `s.completing = false`, "a claim to complete is not heeded"},
	{"api/flow/step.go", `key, r.Complete = completeKey(f.session, r.Flow), s.fresh`, `key = completeKey(f.session, r.Flow)`, "complete is sent without a claim"},
	{"api/flow/step.go", `key, r.Complete = completeKey(f.session, r.Flow), s.fresh`, `key, r.Complete = s.fresh, s.fresh`, "each complete has a key of its own"},
	{"api/flow/step.go", `return f.latest > r.last()`, `return false`, "a record that was put back is believed"},
	{"api/flow/step.go", `	if s.f.isDisowned(r.Complete) {`, `	if true {`, "a claim is given back whatever became of the complete"},
	{"api/flow/complete.go", `		if !mayHaveActed(err) {`, `		if true {`, "a complete whose response was lost counts as refused"},
	{"api/flow/complete.go", `|| !neverActed(err) ||`, `||`, "a complete whose response was lost is sent again"},
	{"api/flow/cancel.go", `if f.isBehind(r) || f.mayComplete(r) {`, `if false {`, "a cancel that Twilio accepts is believed after a complete"},
	{"api/flow/apply.go", `	if f.end != nil && e.Result != callback.ResultSuccess {`, `	if f.end != nil {`, "a success after another end does not count"},
	{"api/flow/end.go", `if f.isSettled() || f.cannotSucceed(ctx) {`, `if true {`, "an end is told although a success may follow"},
	{"api/flow/end.go", "\t\t\t\tf.unsettle(err)\n\t\t\t\treturn\n", "\t\t\t\tbreak\n", "an end is told although nothing more could be read"},
	{"api/flow/record.go", `	r.Last = r.last() + 1`, `	r.Last = r.Step + 1`, "a step's number is used again"},
	{"api/flow/change.go", "\tif cancelled {\n\t\tf.publishCancelled()\n", "\tif false {\n\t\tf.publishCancelled()\n", "who reads that the session is cancelled does not tell"},
	{"api/flow/step.go", `	case <-late:`, `	case <-make(chan struct{}):`, "a step outlives its context for as long as the bus hangs"},
	{"api/flow/flow.go", "\t\tcase <-ctx.Done():\n\t\t\treturn endOf(ctx)\n", "\t\tcase <-f.ctx.Done():\n\t\t\treturn ErrClosed\n", "a step waits beyond its context"},
}
