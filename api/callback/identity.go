package callback

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

// canonical sorts f in place and leaves out what adds nothing to what is
// signed: a pair that was there before, and one without a name and a value. Two
// bodies that carry the same signature for another order or for such pairs thus
// become one form, and nothing that comes after can depend on the difference.
func canonical(f signature.Form) signature.Form {
	slices.SortFunc(f, func(a, b signature.Parameter) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	f = slices.Compact(f)
	if len(f) > 0 && f[0] == (signature.Parameter{}) {
		f = f[1:]
	}
	return f
}

// identity names a delivery by what was signed: the URL and the canonical form.
// The signed text itself would not do. It has no separators, so a form that is
// cut at other places has the same text and signature, and whoever sends that
// first would suppress the event. Here every part is preceded by its length.
func identity(signedURL string, f signature.Form) string {
	n := len(identityDomain) + len(signedURL) + binary.MaxVarintLen64
	for _, p := range f {
		n += len(p.Key) + len(p.Value) + 2*binary.MaxVarintLen64
	}
	b := append(make([]byte, 0, n), identityDomain...)
	b = appendPart(b, signedURL)
	for _, p := range f {
		b = appendPart(appendPart(b, p.Key), p.Value)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// identityDomain keeps these digests apart from those of other things, and of
// other versions of the rule.
const identityDomain = "twilio status callback 1\n"

func appendPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// DeliveryID names the delivery that brought the event: the SHA-256, in
// hexadecimal, of the URL that Twilio signed and of the names and values of the
// form, in no order. What comes again, on this machine or another, has the same
// ID; another URL or another form has another. No header is part of it, because
// Twilio signs none: I-Twilio-Idempotency-Token can be rewritten by whoever has
// recorded a delivery.
//
// It is empty for an event of [Parse], which knows no URL.
func (e Event) DeliveryID() string { return e.from().deliveryID }

// SignedURL returns the URL of the delivery that brought the event, as Twilio
// signed it: with its query, and without the fragment. Read your own query
// parameters from it and not from the request, whose URL need not be the one
// that was verified. The query may hold secrets of yours: no printer shows it.
//
// It is empty for an event of [Parse].
func (e Event) SignedURL() string { return e.from().signedURL }
