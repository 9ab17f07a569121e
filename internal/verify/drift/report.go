package drift

import (
	"reflect"
	"slices"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// Report is what a document of the vendor means for the SDK that another one
// gave.
type Report struct {
	Before, After *Revision
	Contract      []Change     // facts that differ
	Form          []FormChange // ways of writing that differ
	Go            []GoChange
	Unbuilt       []string // what the compiler says of api, and did not say before
	Overridden    []string // facts of the vendor that the overlay replaces
	Undocumented  []string // elements the overlay has to explain
	NotGivenOut   []string // generated names that package payments has to give out
}

// Compare reports on the step from one revision to the next. root is the
// module both were loaded with. The older one must have given code: there is
// nothing to compare with otherwise.
func Compare(root string, before, after *Revision) (*Report, error) {
	if err := before.Err(); err != nil {
		return nil, err
	}
	r := &Report{Before: before, After: after}
	var err error
	if r.Contract, err = compare(before.facts, after.facts); err != nil {
		return nil, err
	}
	if before.published != nil && after.published != nil {
		if r.Form, err = compareForm(before, after); err != nil {
			return nil, err
		}
	}
	if after.Err() != nil {
		return r, nil
	}
	given, err := givenOut(root)
	if err != nil {
		return nil, err
	}
	r.hold()
	for _, line := range after.Code.Unbuilt {
		if !slices.Contains(before.Code.Unbuilt, line) {
			r.Unbuilt = append(r.Unbuilt, line)
		}
	}
	r.Go = compareCode(before.Code.exported, after.Code.exported, given)
	r.Overridden = overridden(after.facts, after.merged)
	r.Undocumented = undocumented(after.merged)
	r.NotGivenOut = notGivenOut(after.Code.exported, given)
	return r, nil
}

// CompareContracts trims two documents and lists the facts that differ. It
// knows nothing of the overlay and generates no code.
func CompareContracts(before, after []byte) ([]Change, error) {
	docs := make([]*document, 2)
	for i, text := range [][]byte{before, after} {
		trimmed, err := spec.Trim(text)
		if err != nil {
			return nil, err
		}
		tree, err := spec.Decode(trimmed)
		if err != nil {
			return nil, err
		}
		if docs[i], err = newDocument(tree); err != nil {
			return nil, err
		}
	}
	return compare(docs[0], docs[1])
}

// hold marks the changes of a type or format that the overlay sets itself:
// with the overlay, the two documents say the same.
func (r *Report) hold() {
	for i := range r.Contract {
		c := &r.Contract[i]
		if c.place.keyword != "type" && c.place.keyword != "format" {
			continue
		}
		at := c.place.at.to(c.place.keyword)
		was, is := lookup(r.Before.merged, at), lookup(r.After.merged, at)
		c.Held = is != nil && reflect.DeepEqual(was, is)
	}
}
