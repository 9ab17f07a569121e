package signature_test

import (
	"encoding/base64"
	"errors"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

// A signature with one bit changed, or a part of a signature, does not verify.
func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	key := signature.NewKey("12345")
	url := signature.Cut("https://pay.example.com/status?order=7")
	form, err := signature.ParseForm([]byte("Sid=PK1&Result=success"))
	if err != nil {
		t.Fatal(err)
	}
	signed := key.Sign(signature.NewMessage(form).Over(url))
	verifies := func(s string) bool {
		_, ok := signature.Verify([]*signature.Key{key}, url, form, []byte(s))
		return ok
	}
	if !verifies(signed) {
		t.Fatal("the signature itself was refused")
	}
	sum, err := base64.StdEncoding.DecodeString(signed)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(sum) {
		forged := append([]byte(nil), sum...)
		forged[bit/8] ^= 1 << (bit % 8)
		if verifies(base64.StdEncoding.EncodeToString(forged)) {
			t.Errorf("the signature verifies with bit %d changed", bit)
		}
	}
	for n := range signed {
		if verifies(signed[:n]) {
			t.Errorf("the first %d characters verify", n)
		}
	}
	if verifies(signed + "=") {
		t.Error("a longer signature was accepted")
	}
}

// An escape is a percent sign and two hexadecimal digits.
func TestEscapes(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"a=%41": "A", "a=%4a%4A": "JJ", "a=%00": "\x00", "a=1+2": "1 2", "%61=x": "x"} {
		form, err := signature.ParseForm([]byte(body))
		if got, n := form.First("a"); err != nil || got != want || n != 1 {
			t.Errorf("%s: %q, %d of them, %v, want %q", body, got, n, err, want)
		}
	}
	for _, body := range []string{"a=%zz", "a=%4z", "a=%z4", "a=%4", "a=%", "%4g=x", "a=%4G", "a=% 4", "a=%+4"} {
		if _, err := signature.ParseForm([]byte(body)); !errors.Is(err, signature.ErrEscape) {
			t.Errorf("%s: %v, want %v", body, err, signature.ErrEscape)
		}
	}
}
