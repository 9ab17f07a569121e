package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"time"
)

// Claim is the origin of a full document as the caller states it. Empty fields state
// nothing.
type Claim struct {
	Source string // URL of the repository or of the document
	Commit string // 40 lower-case hex digits
	Date   string // of the commit, as 2006-01-02
}

// Document is where the vendor publishes the newest full document.
const Document = "https://raw.githubusercontent.com/twilio/twilio-oai/main/spec/json/twilio_api_v2010.json"

// Provenance is the content of upstream.json: the full document that a trimmed one was
// made from. Commit, Date and Source are "" if unknown. Document is always the same:
// where to find a newer one.
type Provenance struct {
	Commit   string `json:"commit"`
	Date     string `json:"date"`
	Document string `json:"document"`
	SHA256   string `json:"sha256"` // of the full document's bytes, hex
	Source   string `json:"source"`

	// Words has a digest of the vendor's text for each operation, parameter and
	// property, so that a change of meaning without a change of facts is noticed.
	// The text itself is not kept. See [Words].
	Words map[string]string `json:"words,omitempty"`
}

// known has the documents with a verified origin, by SHA-256.
var known = map[string]Claim{
	"99cae87a6bb1725f71363364cbd30282a13140374b2d5f9bdd5bdfa5d4c8a6d7": {
		Source: "https://github.com/twilio/twilio-oai",
		Commit: "d50069b44ea8cd23141385bdb6db48f16ff75bb5",
		Date:   "2026-04-14",
	},
}

var commitForm = regexp.MustCompile(`^[0-9a-f]{40}$`)

// NewProvenance identifies a full document by its SHA-256. For a known document it
// fills in commit, date and source, and a claim that contradicts them is an error. For
// any other document it records the claim unchanged, except that a known document's
// commit is refused for different bytes.
func NewProvenance(doc []byte, claim Claim) (Provenance, error) {
	if claim.Commit != "" && !commitForm.MatchString(claim.Commit) {
		return Provenance{}, fmt.Errorf("commit %q is not 40 lower-case hex digits", claim.Commit)
	}
	if claim.Date != "" {
		if _, err := time.Parse(time.DateOnly, claim.Date); err != nil {
			return Provenance{}, fmt.Errorf("date %q is not of the form 2006-01-02", claim.Date)
		}
	}
	digest := sha256.Sum256(doc)
	sum := hex.EncodeToString(digest[:])
	facts, ok := known[sum]
	if ok {
		if err := claim.contradicts(facts); err != nil {
			return Provenance{}, err
		}
		claim = facts
	} else if err := claim.belongsToAnother(sum); err != nil {
		return Provenance{}, err
	}
	words, err := Words(doc)
	if err != nil {
		return Provenance{}, err
	}
	return Provenance{Commit: claim.Commit, Date: claim.Date, Document: Document, SHA256: sum, Source: claim.Source, Words: words}, nil
}

func (c Claim) contradicts(facts Claim) error {
	for _, f := range []struct{ name, claimed, fact string }{
		{"source", c.Source, facts.Source},
		{"commit", c.Commit, facts.Commit},
		{"date", c.Date, facts.Date},
	} {
		if f.claimed != "" && f.claimed != f.fact {
			return fmt.Errorf("%s %q contradicts %q, which is known for this document", f.name, f.claimed, f.fact)
		}
	}
	return nil
}

func (c Claim) belongsToAnother(sum string) error {
	for other, facts := range known {
		if c.Commit != "" && c.Commit == facts.Commit {
			return fmt.Errorf("commit %s has the document with sha256 %s, but this one has %s", c.Commit, other, sum)
		}
	}
	return nil
}

// JSON returns the text of upstream.json.
func (p Provenance) JSON() ([]byte, error) { return encode(p) }
