// Package core is Twilio's Payments resource as a state machine. Every rule of
// Twilio that package paymentstest simulates is here, and nowhere else.
//
// A [Machine] takes one [Input] at a time: a request that the contract accepts,
// a key, a hang-up, a timer that fired, the verdict of the payment gateway. It
// returns the [Effect] list of that input, in order: the response, callbacks to
// deliver, timers to set, questions for the gateway, and every change of calls,
// sessions and prompts. Each effect names its cause, so that the list is also a
// part of the journal.
//
//	m := core.New(core.Config{Seed: 1})
//	effects := m.Apply(now, core.Request{Operation: core.Create, …})
//	effects = m.Apply(now, core.Key{CallSID: callSID, Key: '4'})
//
// A Machine does no I/O, starts no goroutine, reads no clock and has no lock:
// its user calls it from one goroutine at a time and carries out the effects
// afterwards. The same inputs at the same times give the same effects. The tests
// next to each file play inputs written as text and list their effects; random
// inputs check the invariants.
//
// # Where a rule is
//
//	Question                                              File
//	────────────────────────────────────────────────────  ────────────────
//	Which requests are accepted, and which start what?    request.go
//	What does a repeated idempotency key get?             idempotency.go
//	When can a session be created?                        create.go
//	Which parameters, defaults and amounts are accepted?  params.go, amount.go
//	What may be captured, when, and what is required?     capture.go, session.go
//	What does a key do: digits, #, *, too early, late?    keypad.go
//	When is an entry complete, and is it valid?           entry.go, card.go
//	What happens on complete, 1 or 2, and the verdict?    complete.go, gateway.go
//	What does a callback say, and how is it masked?       callback.go, mask.go
//	What is forgotten, and when is the simulation full?   limit.go
//	What is the state of a call or a session?             state.go
//	How is an entry named without its digits?             typed.go
//	What is not known about Twilio?                       assumptions.go
package core
