package drift

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// Revision is one document of the vendor with everything derived from it.
type Revision struct {
	Name string
	Fit  Fit
	Code Code

	published map[string]any // the paths as published; nil if the document was trimmed already
	facts     *document      // trimmed
	merged    map[string]any // with the overlay; nil if it does not fit

	mergedText []byte
	words      map[string]string // digests of the vendor's descriptions; nil if the document was trimmed already
	others     []string          // operations that the trim leaves out
}

// Load trims a document, applies the overlay of the module at root to it, and
// generates and compiles the SDK from it in a directory that it removes. An
// overlay that does not match, and code that does not compile, are reported by the
// Revision; the error is for a document that cannot be trimmed, and for a
// machine that cannot do the work.
//
// An action of the overlay whose target was added to the vendor's document
// later, by x-since, is left out for a past document (LoadPast); a newer
// document must have the target.
func Load(ctx context.Context, root, name string, text []byte) (*Revision, error) {
	return loadRevision(ctx, root, name, text, false)
}

// LoadPast is Load for a document older than the contract of the module.
func LoadPast(ctx context.Context, root, name string, text []byte) (*Revision, error) {
	return loadRevision(ctx, root, name, text, true)
}

func loadRevision(ctx context.Context, root, name string, text []byte, past bool) (*Revision, error) {
	trimmed, err := spec.Trim(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r := &Revision{Name: name}
	if r.words, err = spec.Words(text); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if r.others, err = spec.Others(text); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := r.read(text, trimmed); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	actions, err := os.ReadFile(filepath.Join(root, "openapi", "overlay.yaml"))
	if err != nil {
		return nil, err
	}
	facts, err := spec.Decode(trimmed)
	if err != nil {
		return nil, err
	}
	var fitting []byte
	if r.Fit, fitting, err = fit(actions, facts); err != nil {
		return nil, err
	}
	if !past {
		r.Fit.Failed, r.Fit.LeftOut = append(r.Fit.Failed, r.Fit.LeftOut...), nil
	}
	if r.Fit.Err() == nil {
		err = r.generate(ctx, root, trimmed, fitting)
	}
	return r, err
}

func (r *Revision) read(text, trimmed []byte) error {
	facts, err := spec.Decode(trimmed)
	if err != nil {
		return err
	}
	if r.facts, err = newDocument(facts); err != nil || bytes.Equal(text, trimmed) {
		return err
	}
	full, err := spec.Decode(text)
	if err != nil {
		return err
	}
	r.published, err = slice(full, facts)
	return err
}

// form is the document as published, with the operations named as in the
// trimmed one.
func (r *Revision) form() (*document, error) {
	d, err := newDocument(r.published)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name, err)
	}
	d.ids = r.facts.operationIDs()
	return d, nil
}

// generate works in a copy of the module.
func (r *Revision) generate(ctx context.Context, root string, trimmed, fitting []byte) (err error) {
	dir, err := os.MkdirTemp("", "drift-")
	if err != nil {
		return err
	}
	defer func() {
		if removed := os.RemoveAll(dir); err == nil {
			err = removed
		}
	}()
	if err := copyModule(root, dir); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"payments.json": trimmed, "overlay.yaml": fitting} {
		if err := os.WriteFile(filepath.Join(dir, "openapi", name), data, 0o644); err != nil {
			return err
		}
	}
	if r.Code, err = makeCode(ctx, dir); err != nil || r.Code.Failure != "" {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "generated", "contract", "payments.json"))
	if err != nil {
		return err
	}
	r.mergedText = text
	r.merged, err = spec.Decode(text)
	return err
}
