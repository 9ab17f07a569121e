package judge_test

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// peerCase is a request that another client put on the wire, our verdicts, and
// which validators that others wrote accept it by the vendor's document.
type peerCase struct {
	requestCase
	AcceptedBy []string `json:"accepted_by"`
}

// unlike are the requests that we judge by the vendor's document otherwise
// than one of prism 5.16, kin-openapi 0.152 with a textual Parameter, and
// libopenapi-validator 0.16 in strict mode.
var unlike = map[string]string{
	"twilio-go create:StatusCallback=query": "prism refuses the raw space of a decoded URL by format: uri, which is a note here",
}

func TestPeers(t *testing.T) {
	t.Parallel()
	var cases []peerCase
	readJSON(t, "testdata/peers.json", &cases)
	byVendor, byMerged := vendor(t), merged(t)
	var differing []string
	for _, c := range cases {
		wantVendor, wantMerged := c.verdicts()
		if wantVendor == "" && wantMerged != "" {
			differing = append(differing, c.ID)
		}
		r, body := c.wire(t)
		_, err := byVendor.Request(r, body)
		if got := place(t, err); got != wantVendor {
			t.Errorf("%s by the vendor's document: refused at %q, want %q", c.ID, got, wantVendor)
		}
		for _, validator := range []string{"prism", "kin", "libopenapi"} {
			if (err == nil) != slices.Contains(c.AcceptedBy, validator) && unlike[c.ID] == "" {
				t.Errorf("%s: %s judges otherwise", c.ID, validator)
			}
		}
		_, err = byMerged.Request(r, body)
		if got := place(t, err); got != wantMerged {
			t.Errorf("%s by the merged document: refused at %q, want %q", c.ID, got, wantMerged)
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

// TestPeerTable shows that testdata is what was captured.
func TestPeerTable(t *testing.T) {
	t.Parallel()
	var cases []peerCase
	readJSON(t, "testdata/peers.json", &cases)
	if len(cases) != 64 {
		t.Errorf("%d cases, want 64", len(cases))
	}
	var shared struct {
		Vectors []struct {
			Client, ID, Method, Path, Body string
			Sent                           bool
		}
	}
	if !readShared(t, "vectors/peer_wire_vectors.json", &shared) {
		return
	}
	var want, got []string
	for _, s := range shared.Vectors {
		if s.Sent {
			client, _, _ := strings.Cut(s.Client, "/")
			want = append(want, client+" "+s.ID+"\n"+s.Method+" "+s.Path+"\n"+s.Body)
		}
	}
	for _, c := range cases {
		r, body := c.wire(t)
		got = append(got, c.ID+"\n"+r.Method+" "+r.URL.RequestURI()+"\n"+string(body))
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("captured requests (-want +got):\n%s", diff)
	}
}
