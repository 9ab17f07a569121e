package drift

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/twiliopay/twiliopay-go/internal/overlay"
	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// Report describes what one document of the vendor changes for an SDK generated
// from another.
type Report struct {
	Before, After *Revision
	Contract      []Change     // facts that differ
	Form          []FormChange // changes of notation
	Go            []GoChange
	Unbuilt       []string // new compiler errors in api
	Uncompiled    []string // compiler errors in a program that uses all of the older API
	Refused       []string // requests and responses of today that the newer contract does not allow
	Reworded      []string // elements whose description by the vendor has changed
	Others        []string // operations on the Payments paths that the SDK does not have
	Overridden    []string // facts of the vendor that the overlay replaces
	Undocumented  []string // elements the overlay has to document
}

// Compare reports on the changes from one revision to the next. root is the
// module both were loaded with. The older revision must have code to compare
// with.
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
	r.Others = after.others
	if r.Reworded, err = reworded(root, before, after); err != nil {
		return nil, err
	}
	r.settle()
	if after.Err() != nil {
		return r, nil
	}
	if r.Refused, err = replay(before, after); err != nil {
		return nil, err
	}
	r.Uncompiled = compiles(consumer(before.Code.exported, before.Code.given), after.Code.exported)
	for _, line := range after.Code.Unbuilt {
		if !slices.Contains(before.Code.Unbuilt, line) {
			r.Unbuilt = append(r.Unbuilt, line)
		}
	}
	given := maps.Clone(before.Code.given)
	maps.Copy(given, after.Code.given)
	r.Go = compareCode(before.Code.exported, after.Code.exported, given)
	r.Overridden = overridden(after.facts, after.merged)
	r.Undocumented = undocumented(after.merged)
	return r, nil
}

// CompareForUsers trims two documents, applies the text of an overlay to both,
// and lists the facts that differ, each with the rule by which it affects no
// user, if any. It generates no code.
func CompareForUsers(actions, before, after []byte) ([]Change, error) {
	r := &Report{Before: &Revision{}, After: &Revision{}}
	for revision, text := range map[*Revision][]byte{r.Before: before, r.After: after} {
		trimmed, err := spec.Trim(text)
		if err != nil {
			return nil, err
		}
		tree, err := spec.Decode(trimmed)
		if err != nil {
			return nil, err
		}
		if revision.facts, err = newDocument(tree); err != nil {
			return nil, err
		}
		root, err := overlay.Apply(actions, trimmed)
		if err != nil {
			return nil, err
		}
		merged, err := yaml.Marshal(root)
		if err != nil {
			return nil, err
		}
		if revision.merged, err = spec.Decode(append([]byte("---\n"), merged...)); err != nil { // its braces are not JSON
			return nil, err
		}
	}
	var err error
	if r.Contract, err = compare(r.Before.facts, r.After.facts); err != nil {
		return nil, err
	}
	r.settle()
	return r.Contract, nil
}

// CompareContracts trims two documents and lists the facts that differ. It
// applies no overlay and generates no code.
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

// reworded lists the elements whose description by the vendor has changed. For
// the document in the tree, upstream.json records digests of the descriptions.
func reworded(root string, before, after *Revision) ([]string, error) {
	was, is := before.words, after.words
	if was == nil {
		text, err := os.ReadFile(filepath.Join(root, "openapi", "upstream.json"))
		if err != nil {
			return nil, err
		}
		var upstream spec.Provenance
		if err := json.Unmarshal(text, &upstream); err != nil {
			return nil, fmt.Errorf("openapi/upstream.json: %w", err)
		}
		was = upstream.Words
	}
	if len(was) == 0 || len(is) == 0 {
		return nil, nil
	}
	var found []string
	for _, name := range sortedKeys(was) {
		if now, ok := is[name]; ok && now != was[name] {
			found = append(found, name)
		}
	}
	return found, nil
}
