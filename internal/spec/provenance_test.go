package spec_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

const (
	emptyObjectSHA256 = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" // of {}
	knownCommit       = "d50069b44ea8cd23141385bdb6db48f16ff75bb5"
	otherCommit       = "0123456789abcdef0123456789abcdef01234567"
)

func TestProvenanceOfAnUnknownDocument(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		claim spec.Claim
		want  spec.Provenance
	}{
		{"nothing claimed, nothing recorded", spec.Claim{}, spec.Provenance{SHA256: emptyObjectSHA256, Document: spec.Document}},
		{
			"a claim is recorded",
			spec.Claim{Source: "https://example.com/spec", Commit: otherCommit, Date: "2026-02-28"},
			spec.Provenance{SHA256: emptyObjectSHA256, Document: spec.Document, Source: "https://example.com/spec", Commit: otherCommit, Date: "2026-02-28"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := spec.NewProvenance([]byte("{}"), test.claim)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestProvenanceRefusesClaims(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		claim spec.Claim
		want  string
	}{
		{"a short commit", spec.Claim{Commit: "d50069b"}, `commit "d50069b" is not 40 lower-case hex digits`},
		{"a branch", spec.Claim{Commit: "main"}, `commit "main" is not 40 lower-case hex digits`},
		{"an invalid day", spec.Claim{Date: "2026-02-30"}, `date "2026-02-30" is not of the form 2006-01-02`},
		{
			"the commit of another document",
			spec.Claim{Commit: knownCommit},
			"commit " + knownCommit + " has the document with sha256 99cae87a6bb1725f71363364cbd30282a13140374b2d5f9bdd5bdfa5d4c8a6d7, but this one has " + emptyObjectSHA256,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := spec.NewProvenance([]byte("{}"), test.claim)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v\n want %s", err, test.want)
			}
			if !cmp.Equal(got, spec.Provenance{}) {
				t.Errorf("provenance %+v with an error", got)
			}
		})
	}
}

func TestProvenanceText(t *testing.T) {
	t.Parallel()
	got, err := spec.Provenance{Source: "https://example.com/?a&b", SHA256: emptyObjectSHA256}.JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "commit": "",
  "date": "",
  "document": "",
  "sha256": "` + emptyObjectSHA256 + `",
  "source": "https://example.com/?a&b"
}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A document with a known origin is recognized by its bytes.
func TestProvenanceOfAKnownDocument(t *testing.T) {
	t.Parallel()
	doc := spec.Known
	provenance, err := spec.NewProvenance(doc, spec.Claim{})
	if err != nil || (spec.Claim{Source: provenance.Source, Commit: provenance.Commit, Date: provenance.Date}) != spec.KnownClaim {
		t.Fatal(provenance, err)
	}
	same := spec.Claim{Source: provenance.Source, Commit: provenance.Commit, Date: provenance.Date}
	if again, err := spec.NewProvenance(doc, same); err != nil || !cmp.Equal(again, provenance) {
		t.Errorf("the same claim: %+v, error %v", again, err)
	}
	for claim, want := range map[spec.Claim]string{
		{Commit: otherCommit}:                 `commit "` + otherCommit + `" contradicts "` + provenance.Commit + `", which is known for this document`,
		{Date: "2000-01-01"}:                  `date "2000-01-01" contradicts "` + provenance.Date + `", which is known for this document`,
		{Source: "https://example.com/other"}: `source "https://example.com/other" contradicts "` + provenance.Source + `", which is known for this document`,
	} {
		if _, err := spec.NewProvenance(doc, claim); errorText(err) != want {
			t.Errorf("error %v\n want %s", err, want)
		}
	}
	if _, err := spec.NewProvenance(append(slices.Clip(doc), '\n'), same); err == nil {
		t.Error("the commit is accepted for a document with one more byte")
	}
}
