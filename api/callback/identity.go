package callback

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

// canonical sorts f in place and removes pairs that do not change the signed text:
// repeated ones, and one with neither name nor value. Bodies that differ only in
// order or in such pairs have the same signature; they become one form, so nothing
// later can depend on the difference.
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

// identity identifies a delivery by what was signed: the URL and the canonical
// form. The signed text would not do: it has no separators, so a form that is split
// differently has the same text and signature, and sending that one first would
// suppress the event. Here the length of every part precedes it.
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

// identityDomain separates these digests from those of other data and of other
// versions of this scheme.
const identityDomain = "twilio status callback 1\n"

func appendPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// DeliveryID identifies the delivery of the event. It is a SHA-256, in hexadecimal,
// of the URL that Twilio signed and of the form, whatever the order of its
// parameters. A repeated delivery has the same ID on every machine; another URL or
// form has another. It includes no header, because Twilio signs none: someone who
// recorded a delivery could change I-Twilio-Idempotency-Token.
//
// It is empty for an event from [Parse], which gets no URL.
func (e Event) DeliveryID() string { return e.from().deliveryID }

// SignedURL returns the URL of the event's delivery as Twilio signed it, with its
// query and without the fragment. Read your query parameters from it and not from
// the request, whose URL may differ from the verified one. The query may hold your
// secrets, so printing an event does not show it.
//
// It is empty for an event from [Parse].
func (e Event) SignedURL() string { return e.from().signedURL }
