package drift

import (
	"fmt"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"

	fitting "github.com/twiliopay/twiliopay-go/internal/overlay"
	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// Action is an action of the overlay that matches nothing.
type Action struct {
	Number int    // counted from 1, as the generator counts
	Target string // JSONPath
	Since  string // x-since: the day its target joined the vendor's document
	Why    string // what the document lacks
}

func (a Action) String() string {
	text := fmt.Sprintf("action %d, target %s, matches nothing: %s", a.Number, a.Target, a.Why)
	if a.Since != "" {
		text += ", which the vendor has since " + a.Since
	}
	return text
}

// Fit is the result of applying the overlay to a document.
type Fit struct {
	Actions int
	LeftOut []Action // with x-since: generation continues without them
	Failed  []Action // without: generation would stop
}

// Err names the actions that stop generation, or is nil.
func (f Fit) Err() error {
	if len(f.Failed) == 0 {
		return nil
	}
	texts := make([]string, len(f.Failed))
	for i, action := range f.Failed {
		texts[i] = action.String()
	}
	return fmt.Errorf("the overlay does not fit: %s", strings.Join(texts, "; "))
}

// fit applies the overlay to a trimmed document, one action after the other, as
// the generator does and with its library, and returns the overlay without the
// actions that are left out. An overlay that fits entirely is returned
// unchanged.
func fit(text []byte, facts map[string]any) (Fit, []byte, error) {
	var all overlay.Overlay
	if err := yaml.Unmarshal(text, &all); err != nil {
		return Fit{}, nil, fmt.Errorf("overlay: %w", err)
	}
	if err := all.Validate(); err != nil {
		return Fit{}, nil, fmt.Errorf("overlay: %w", err)
	}
	root := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{node(facts)}}
	result := Fit{Actions: len(all.Actions)}
	for i, action := range all.Actions {
		matched, err := matches(&all, action.Target, root)
		if err != nil {
			return Fit{}, nil, fmt.Errorf("overlay: action %d, target %s: %w", i+1, action.Target, err)
		}
		if !matched {
			missed := Action{Number: i + 1, Target: action.Target, Why: fitting.Lacks(&all, action.Target, root)}
			missed.Since, _ = action.Extensions["x-since"].(string)
			if missed.Since != "" {
				result.LeftOut = append(result.LeftOut, missed)
			} else {
				result.Failed = append(result.Failed, missed)
			}
			continue
		}
		one := all
		one.Actions = []overlay.Action{action}
		if err := one.ApplyTo(root); err != nil {
			return Fit{}, nil, fmt.Errorf("overlay: action %d, target %s: %w", i+1, action.Target, err)
		}
	}
	if len(result.LeftOut) == 0 {
		return result, text, nil
	}
	pruned, err := without(text, result.LeftOut)
	return result, pruned, err
}

// FitOverlay trims a document of the vendor and applies the text of an overlay
// to it.
func FitOverlay(actions, text []byte) (Fit, error) {
	trimmed, err := spec.Trim(text)
	if err != nil {
		return Fit{}, err
	}
	facts, err := spec.Decode(trimmed)
	if err != nil {
		return Fit{}, err
	}
	result, _, err := fit(actions, facts)
	return result, err
}

func matches(o *overlay.Overlay, target string, root *yaml.Node) (bool, error) {
	query, err := o.NewPath(target, nil)
	if err != nil {
		return false, err
	}
	return len(query.Query(root)) > 0, nil
}

// without removes actions from the text of an overlay and keeps the rest.
func without(text []byte, dropped []Action) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	drop := map[int]bool{}
	for _, action := range dropped {
		drop[action.Number-1] = true
	}
	fields := doc.Content[0].Content
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i].Value != "actions" {
			continue
		}
		var kept []*yaml.Node
		for n, action := range fields[i+1].Content {
			if !drop[n] {
				kept = append(kept, action)
			}
		}
		fields[i+1].Content = kept
	}
	return yaml.Marshal(&doc)
}
