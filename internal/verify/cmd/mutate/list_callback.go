package main

import "slices"

// What receiving a status callback may get wrong.
var callbackMutations = slices.Concat(
	in("api/callback/internal/signature", []Edit{
		{"Key.Verifies", `subtle.ConstantTimeCompare(h.sign(text), signature) == 1`, `subtle.ConstantTimeCompare(h.sign(text)[:20], signature[:20]) == 1`, "a part of the signature is enough"},
		{"Verify", `for _, key := range keys {
			if url, ok := key.Verifies(written[:n], m, signature); ok {`, `for _, key := range keys[:1] {
			if url, ok := key.Verifies(written[:n], m, signature); ok {`, "a second auth token is not tried"},
		{"keyed.sign", `h.Reset()`, ``, "a key remembers the message before"},
		{"NewMessage", `slices.SortFunc(m.sorted`, `slices.SortFunc(m.sorted[:0]`, "parameters are signed as they came"},
		{"NewMessage", `return strings.Compare(a.Value, b.Value)`, `return 0`, "repeated parameters are signed as they came"},
		{"NewMessage", `if i > 0 && p == m.sorted[i-1] {`, `if i > len(m.sorted) && p == m.sorted[i-1] {`, "a repeated value counts twice"},
		{"Message.Over", `m.text = append(m.text, t.Query...)`, ``, "the query is not signed"},
		{"Message.Over", `m.text = append(m.text, t.Port...)`, ``, "the port is never signed"},
		{"Message.Over", `m.text = append(m.text, m.parameters...)`, ``, "the form is not signed"},
		{"ParseForm", `if n > MaxParameters {`, `if n > 100*MaxParameters {`, "forms have no limit"},
		{"unescape", `if high|low > 0xf {`, `if high&low > 0xf {`, "a broken escape passes"},
		{"URL.Shown", `host[strings.LastIndexByte(host, '@')+1:]`, `host`, "a URL shows its credentials"},
	}),
	in("api/callback", []Edit{
		{"MemoryDeduplicator.Claim", `if state, ok := d.taken[key]; ok {`, `if state, ok := d.taken[key]; ok && state == ClaimHandled {`, "a delivery is handled twice at a time"},
		{"MemoryDeduplicator.Claim", `time.Since(d.handled[0].at) >= d.memory`, `time.Since(d.handled[0].at) >= 0`, "a delivery is handled again"},
		{"MemoryDeduplicator.Settle", `delete(d.taken, claim.Key)`, ``, "a delivery that failed is never handled"},
		{"MemoryDeduplicator.Settle", `if len(d.handled) == d.capacity {`, `if false {`, "the memory has no limit"},
		{"Handler.serve", `case r.Method != http.MethodPost:`, `case r.Method == http.MethodPut:`, "a GET is handled"},
		{"Handler.serve", `h.late.Load() >= maxLate`, `h.late.Load() < 0`, "deliveries that go on have no limit"},
		{"Handler.serve", `context.WithoutCancel(r.Context())`, `r.Context()`, "a sender who leaves stops the handling"},
		{"Handler.verify", `if err := h.verifier.check(ctx, in); err != nil {`, `if err := h.verifier.check(ctx, in); err == nil {`, "signatures are not checked"},
		{"Handler.verify", `if err := checkSplit(in.form); err != nil {`, `if err := checkSplit(in.form); err != nil && false {`, "a form that can be cut in two ways passes"},
		{"statusOf", `return failed`, `return http.StatusNoContent`, "a failure is acknowledged"},
		{"State.Apply", `if sid == "" || s.r.SID != "" && s.r.SID != sid {`, `if sid == "" {`, "another session's event is applied"},
		{"record.update", `if r.Latest == nil || en.At.compare(r.Latest.At) > 0 {`, `if true {`, "an older update counts as the latest"},
		{"record.update", `if r.Needed == nil || en.At.compare(r.Needed.At) > 0 {`, `if true {`, "an older update says what is missing"},
		{"record.end", `if r.Ending == nil || end.compare(*r.Ending) > 0 {`, `if true {`, "a failure replaces a success"},
		{"State.CanComplete", `r.Ending == nil && `, ``, "an ended session can be completed"},
		{"State.CanComplete", `&& len(r.Needed.Missing) == 0`, ``, "a session with missing fields can be completed"},
	}),
)
