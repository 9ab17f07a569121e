package main

// What the protocol of flow may get wrong. Only the explorer runs, none of
// flow's other tests.
var flowMutations = in("api/flow", []Edit{
	{"Flow.change", `if known, err = f.read(ctx); err != nil {
				return err
			}`, `if known, err = f.read(ctx); errors.Is(err, ErrExpired) {
				known, err = stored.Create(ctx, f.place(), recordCodec, record{Flow: f.seen.Flow, Callback: f.seen.Callback})
			}
			if err != nil {
				return err
			}`, "a record that is gone is created again"},
	{"step.claim", `s.completing = r.Complete != s.fresh && f.mayComplete(r)`, `s.completing = false`, "a claim to complete is ignored"},
	{"step.claim", `key, r.Complete, r.Claimed = completeKey(f.session, r.Flow), s.fresh, f.config.now()`, `key = completeKey(f.session, r.Flow)`, "complete is sent without a claim"},
	{"step.claim", `key, r.Complete, r.Claimed = completeKey(f.session, r.Flow)`, `key, r.Complete, r.Claimed = s.fresh`, "each complete has a key of its own"},
	{"Flow.isBehind", `return f.latest > r.last()`, `return false`, "a record that was put back is believed"},
	{"step.release", `if s.f.isRetracted(r.Complete) {`, `if true {`, "a claim is given back whatever became of the complete"},
	{"step.complete", `if !mayHaveActed(err) {`, `if true {`, "a complete whose response was lost counts as refused"},
	{"step.sendComplete", `|| !neverActed(err) ||`, `||`, "a complete whose response was lost is sent again"},
	{"step.recordCancel", `if f.isBehind(r) || f.mayComplete(r) {`, `if false {`, "a cancel that Twilio accepts is believed after a complete"},
	{"Flow.apply", `if f.end != nil && (!f.end.yieldsTo(e) || f.settled && e.Result != callback.ResultSuccess) {`, `if f.end != nil {`, "a success after another end does not count"},
	{"Flow.watchEnd", `if f.isSettled() || f.cannotSucceed(ctx) {`, `if true {`, "an end is reported although a success may follow"},
	{"Flow.watchEnd", `f.failUnsettled(err)
				return`, `break`, "an end is reported although nothing more could be read"},
	{"record.begin", `r.Last = r.last() + 1`, `r.Last = r.Step + 1`, "a step's number is used again"},
	{"Flow.keep", `if ended {`, `if ended && false {`, "an end that was read is not published"},
	{"outlive", `case <-late:`, `case <-make(chan struct{}):`, "a step outlives its context for as long as the bus hangs"},
	{"Flow.until", `case <-ctx.Done():
			return endOf(ctx)`, `case <-make(chan struct{}):
			return ErrClosed`, "a step waits beyond its context"},
})
