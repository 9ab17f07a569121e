package judge_test

import (
	"cmp"
	"net/http"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// answerCase is one answer to CreatePayments and its verdicts, as in
// requestCase.
type answerCase struct {
	ID, Says string
	Status   int
	Headers  map[string]string
	Body     string
	Refused  string
	Merged   *string
	Why      string
}

func (c answerCase) wire() (http.Header, []byte) {
	h := http.Header{}
	for name, value := range c.Headers {
		h.Set(name, value)
	}
	return h, []byte(expand(c.Body))
}

func TestAnswerVectors(t *testing.T) {
	t.Parallel()
	var cases []answerCase
	readJSON(t, "testdata/answers.json", &cases)
	byVendor, byMerged := vendor(t), merged(t)
	for _, c := range cases {
		wantVendor, wantMerged := requestCase{Refused: c.Refused, Merged: c.Merged}.verdicts()
		switch {
		case c.Says == "accept" && wantVendor+wantMerged == "":
		case c.Says == "reject" && wantVendor != "" && wantMerged != "":
		case c.Says == "open" && c.Why != "":
		default:
			t.Errorf("%s: the table contradicts the contract", c.ID)
		}
		header, body := c.wire()
		if got := place(t, byVendor.Response("CreatePayments", c.Status, header, body)); got != wantVendor {
			t.Errorf("%s by the vendor's document: refused at %q, want %q", c.ID, got, wantVendor)
		}
		if got := place(t, byMerged.Response("CreatePayments", c.Status, header, body)); got != wantMerged {
			t.Errorf("%s by the merged document: refused at %q, want %q", c.ID, got, wantMerged)
		}
	}
}

// TestAnswerTable shows that testdata is the shared vectors.
func TestAnswerTable(t *testing.T) {
	t.Parallel()
	var shared struct {
		Responses []struct {
			ID, Oracle string
			Status     int
			Headers    map[string]string
			Body       string
		}
	}
	var cases []answerCase
	readJSON(t, "testdata/answers.json", &cases)
	if len(cases) != 21 {
		t.Errorf("%d cases, want 21", len(cases))
	}
	if !readShared(t, "vectors/responses.json", &shared) {
		return
	}
	type answer struct {
		ID, Says string
		Status   int
		Headers  map[string]string
		Body     string
	}
	var want, got []answer
	for _, s := range shared.Responses {
		says := map[string]string{"ambiguous": "open"}
		want = append(want, answer{s.ID, cmp.Or(says[s.Oracle], s.Oracle), s.Status, s.Headers, s.Body})
	}
	for _, c := range cases {
		got = append(got, answer{c.ID, c.Says, c.Status, c.Headers, expand(c.Body)})
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// TestTrimmedHeader compares the one header rule that trimming drops with the
// vendor's full document.
func TestTrimmedHeader(t *testing.T) {
	t.Parallel()
	type document struct {
		Paths map[string]struct {
			Post struct {
				OperationID string
				Responses   map[string]struct {
					Headers map[string]struct{ Schema struct{ Type string } }
				}
			}
		}
	}
	// What the full document types as other than text, by operation.
	want := map[string]string{"CreatePayments": "Access-Control-Allow-Credentials boolean", "UpdatePayments": "Access-Control-Allow-Credentials boolean"}
	var full document
	if readShared(t, "upstream/twilio_api_v2010.json", &full) {
		got := map[string]string{}
		for _, path := range full.Paths {
			if want[path.Post.OperationID] == "" {
				continue
			}
			for _, response := range path.Post.Responses {
				for name, header := range response.Headers {
					if header.Schema.Type != "string" {
						got[path.Post.OperationID] += name + " " + header.Schema.Type
					}
				}
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("typed headers (-want +got):\n%s", diff)
		}
	}
	j := merged(t)
	for operation, status := range map[string]int{"CreatePayments": 201, "UpdatePayments": 202} {
		for value, refused := range map[string]string{"true": "", "false": "", "maybe": "header Access-Control-Allow-Credentials"} {
			h := http.Header{"Content-Type": {"application/json"}, "Access-Control-Allow-Credentials": {value}}
			if got := place(t, j.Response(operation, status, h, []byte("{}"))); got != refused {
				t.Errorf("%s with %s: refused at %q, want %q", operation, value, got, refused)
			}
		}
	}
}
