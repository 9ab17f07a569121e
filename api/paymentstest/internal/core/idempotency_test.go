package core

import (
	"strings"
	"testing"
)

func TestIdempotency(t *testing.T) {
	t.Parallel()
	const key = "&IdempotencyKey=K"
	reuse := Assumptions{ReuseKeys: true}
	playScenes(t, []scene{
		{name: "create again", steps: []string{cardOnly, "again"}, want: []string{"response 201 replayed"}},
		{name: "create again, later", steps: []string{cardOnly, "pass 1h", "again"}, want: []string{"response 201 replayed"}},
		{name: "create again, after the end", steps: []string{"create ChargeAmount=5" + key, "cancel", "create ChargeAmount=5" + key}, want: []string{"response 201 replayed"}},
		{name: "another amount", steps: []string{"create ChargeAmount=5" + key, "create ChargeAmount=6" + key}, want: []string{"response 409 20409 [ReuseKeys]"}},
		{name: "another operation", steps: []string{"create ChargeAmount=5" + key, "cancel IdempotencyKey=K"}, want: []string{"response 409 20409 [ReuseKeys]"}},
		{name: "the key of a refusal", steps: []string{"create ChargeAmount=5.001" + key, "create ChargeAmount=5" + key}, want: []string{
			"call seen",
			"session opened",
			"callback to create",
			"response 201",
		}},
		{name: "a capture again", steps: after(asked, "press 41", "again"), want: []string{"response 202 replayed"}},
		{name: "a complete again, after the end", steps: after(filled(cardOnly), "complete", "verdict", "again"), want: []string{"response 202 replayed"}},
		{name: "reused by another operation", assume: reuse, steps: []string{"create ChargeAmount=5" + key, "cancel IdempotencyKey=K"}, want: []string{
			"callback to cancel Result=transaction-cancelled [CancelResult]",
			"session ended transaction-cancelled [CancelResult]",
			"response 202",
		}},
		{name: "reused by the same create", assume: reuse, steps: []string{"create ChargeAmount=5" + key, "again"}, want: []string{"response 201 replayed"}},
		{name: "reused by the same capture", assume: reuse, steps: after(asked, "press 41", "again"), want: []string{
			"timer stopped",
			"no longer asked payment-card-number 1: replaced",
			"asked payment-card-number 2",
			"callback to capture PartialResult=true Required=payment-card-number,expiration-date",
			"session capturing payment-card-number",
			"response 202",
		}},
	})
}

func TestKeysBelongToAnAccount(t *testing.T) {
	t.Parallel()
	p := newPlayer(t, Config{})
	p.play("create IdempotencyKey=K")
	other := p.last
	other.AccountSID, other.CallSID = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "CA00000000000000000000000000000002"
	effects := p.apply(other)
	if r := effects[len(effects)-1].Event.(Response); r.Status != 201 || r.Replayed {
		t.Errorf("the key of another account: %v", describeAll(effects))
	}
}

// A key that looks like the digest of another one is still a different key.
func TestShortKey(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 33)
	if ShortKey("k") != "k" || ShortKey(long[:32]) != long[:32] || ShortKey(long) == long || len(ShortKey(long)) != 64 || ShortKey(long) == ShortKey(long+"k") {
		t.Error("keys are mixed up")
	}
}
