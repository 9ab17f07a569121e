package validator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/testvectors"
)

// peerID names a request of another client, without the client's version.
func peerID(p testvectors.Peer) string {
	client, _, _ := strings.Cut(p.Client, "/")
	return client + " " + p.ID
}

// unlike lists the requests for which our verdict by the vendor's document differs from
// that of prism 5.16, kin-openapi 0.152 with a textual Parameter, or
// libopenapi-validator 0.16 in strict mode.
var unlike = map[string]string{
	"twilio-go create:StatusCallback=query": "prism refuses the raw space of a decoded URL by format: uri, which is not checked here",
}

func TestPeers(t *testing.T) {
	t.Parallel()
	peers := testvectors.Peers()
	var ids, differing []string
	for _, p := range peers {
		ids = append(ids, peerID(p))
	}
	verdicts := readVerdicts(t, "testdata/peers.json", ids)
	byVendor, byMerged := vendor(t), merged(t)
	for _, p := range peers {
		id := peerID(p)
		wantVendor, wantMerged := verdicts[id].places()
		if wantVendor == "" && wantMerged != "" {
			differing = append(differing, id)
		}
		header := http.Header{}
		for _, pair := range p.Headers {
			header.Add(pair[0], pair[1])
		}
		header.Del("Host") // net/http keeps it elsewhere
		r, body := wire(t, p.Method, p.Path, header), []byte(p.Body)
		_, err := byVendor.Request(r, body)
		if got := place(t, err); got != wantVendor {
			t.Errorf("%s by the vendor's document: refused at %q, want %q", id, got, wantVendor)
		}
		for _, validator := range []string{"prism", "kin", "libopenapi"} {
			if (err == nil) != slices.Contains(p.AcceptedBy, validator) && unlike[id] == "" {
				t.Errorf("%s: %s disagrees", id, validator)
			}
		}
		_, err = byMerged.Request(r, body)
		if got := place(t, err); got != wantMerged {
			t.Errorf("%s by the merged document: refused at %q, want %q", id, got, wantMerged)
		}
	}
	want := []string{
		"twilio-node create:ChargeAmount=1000000",    // ChargeAmount: below 1000000
		"twilio-node create:ChargeAmount=1e+21",      // the same
		"twilio-node create:Timeout=601",             // Timeout: at most 600
		"twilio-go create:ChargeAmount=2097152",      // ChargeAmount: below 1000000
		"twilio-go create:ChargeAmount=123456789.01", // the same
		"twilio-go create:missing all",               // a body is required
	}
	if diff := gocmp.Diff(want, differing); diff != "" {
		t.Errorf("requests that only the overlay refuses (-want +got):\n%s", diff)
	}
}
