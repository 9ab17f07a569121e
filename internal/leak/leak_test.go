package leak_test

import (
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/leak"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const sid = "PK00129900000000000000000000001299"
	for text, want := range map[string]string{
		// Values with random digits.
		`{"time":"2026-11-25T22:12:17.001299Z","session":"` + sid + `"}`: "",
		"time=2026-11-25T22:12:17.129Z level=INFO":                       "",
		"2026-11-25T22:12:17.001299731+01:00":                            "",
		"2026-11-25 22:12:17.001299 +0000 UTC m=+0.001299":               "",
		"22:12:17.129  request":                                          "",
		"Wed, 12 Nov 1299 22:12:99 +0000":                                "",
		"http://127.0.0.1:41299/x and http://localhost:41299":            "",
		"token 01299000-1299-1299-1299-012990001299,":                    "",
		"ch_129900000000000000000000, 0xc000129900":                      "",
		"seed    1795650341299129906\n":                                  "",
		`"duration":11299000,`:                                           "",
		"took 1.1299s":                                                   "",
		"signature AAAA1299AAAA1299AAAA1299AAA=":                         "",
		// Other text, also directly next to such a value, or in an incomplete one.
		"1299": "1299", "expires 1299.": "1299", "00:12:99 1299": "1299", `"ExpirationDate":"1299"`: "1299",
		sid + "1299":                             "1299",
		"1299" + sid:                             "1299",
		"2026-11-25T22:12:17.001Z1299":           "1299",
		"2026-11-25T22:12:17.0012990000000Z":     "1299",
		"22:12:17.1299":                          "1299",
		"127.0.0.1:80801299":                     "1299",
		"https://pay.example.com:1299/x":         "1299",
		"PK1299":                                 "1299",
		"0x1299":                                 "1299",
		"\"code\":1299,\"length\":1299":          "1299",
		"ch_1299":                                "1299",
		"41111111111111111299":                   "1299",
		"text with tok_000000000000000000000001": "tok_000000000000000000000001",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			found := leak.Find(text, "1299", "tok_000000000000000000000001")
			if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || !strings.HasPrefix(found[0], want+" in ")) {
				t.Errorf("found %q, want %q", found, want)
			}
		})
	}
}
