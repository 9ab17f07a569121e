package overlay

import (
	"fmt"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Lacks says up to where a target matches: "components.schemas has no Capture".
func Lacks(o *overlay.Overlay, target string, root *yaml.Node) string {
	steps := split(target)
	for n := len(steps) - 1; n > 0; n-- {
		prefix := strings.Join(steps[:n], "")
		if found, err := query(o, prefix, root); err != nil || len(found) == 0 {
			continue
		}
		where := strings.TrimPrefix(strings.TrimPrefix(prefix, "$"), ".")
		if where == "" {
			where = "the document"
		}
		return fmt.Sprintf("%s has no %s", where, strings.TrimPrefix(steps[n], "."))
	}
	return "the document has no part of it"
}

// split splits a JSONPath into its steps: $, .paths, ['/a.json'], .post.
func split(target string) []string {
	var steps []string
	depth, start := 0, 0
	quote := rune(0)
	for i, r := range target {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == '[':
			if depth == 0 && i > start {
				steps, start = append(steps, target[start:i]), i
			}
			depth++
		case r == ']':
			depth--
		case r == '.' && depth == 0 && i > start:
			steps, start = append(steps, target[start:i]), i
		}
	}
	return append(steps, target[start:])
}
