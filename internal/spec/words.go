package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// Words returns a digest of the summary and description of each operation, parameter
// and property of a full document that has one; nil if the document lacks the
// operations.
func Words(doc []byte) (map[string]string, error) {
	root, err := Decode(doc)
	if err != nil {
		return nil, err
	}
	t := &trimmer{root: root}
	paths, _ := root["paths"].(map[string]any)
	words := map[string]string{}
	for _, o := range operations {
		p, err := o.find(paths)
		if err != nil {
			continue
		}
		item, _ := paths[p.path].(map[string]any)
		source, _ := item[p.method].(map[string]any)
		digest(words, o.id, source)
		for _, list := range []any{item["parameters"], source["parameters"]} {
			parameters, _ := list.([]any)
			for _, v := range parameters {
				if parameter, _, err := t.resolve(v, "parameters", "#"); err == nil {
					name, _ := parameter["name"].(string)
					digest(words, o.id+" parameter "+name, parameter)
				}
			}
		}
		t.bodyWords(words, o.id+".", source["requestBody"], "requestBodies")
		responses, _ := source["responses"].(map[string]any)
		for _, status := range sortedKeys(responses) {
			if strings.HasPrefix(status, "2") {
				t.bodyWords(words, o.id+" response.", responses[status], "responses")
			}
		}
	}
	if len(words) == 0 {
		return nil, nil
	}
	return words, nil
}

// bodyWords digests the texts of a body's properties, next to a reference or at its
// target.
func (t *trimmer) bodyWords(words map[string]string, prefix string, body any, kind string) {
	source, _, err := t.resolve(body, kind, "#")
	if err != nil {
		return
	}
	media, _ := source["content"].(map[string]any)
	for _, name := range sortedKeys(media) {
		content, _ := media[name].(map[string]any)
		schema, _, err := t.resolve(content["schema"], "schemas", "#")
		if err != nil {
			continue
		}
		properties, _ := schema["properties"].(map[string]any)
		for _, property := range sortedKeys(properties) {
			said, _ := properties[property].(map[string]any)
			target, _, _ := t.resolve(properties[property], "schemas", "#")
			digest(words, prefix+property, said, target)
		}
	}
}

// digest keeps 64 bits of a digest of the texts, enough to notice a change. It folds
// white space, so that reformatting a document changes nothing.
func digest(words map[string]string, name string, said ...map[string]any) {
	var texts []string
	for _, object := range said {
		for _, key := range []string{"summary", "description"} {
			if text, ok := object[key].(string); ok && !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	if text := strings.Join(strings.Fields(strings.Join(texts, " ")), " "); text != "" {
		sum := sha256.Sum256([]byte(text))
		words[name] = hex.EncodeToString(sum[:8])
	}
}

var onPayments = regexp.MustCompile(`/Calls/\{[^/{}]+\}/Payments(/|\.|$)`)

// Others lists the operations on paths of the Payments resource that Trim leaves out,
// as "GET /path". None are known; a new one deserves attention.
func Others(doc []byte) ([]string, error) {
	root, err := Decode(doc)
	if err != nil {
		return nil, err
	}
	paths, _ := root["paths"].(map[string]any)
	ours := map[place]bool{}
	for _, o := range operations {
		if p, err := o.find(paths); err == nil {
			ours[p] = true
		}
	}
	var others []string
	for _, path := range sortedKeys(paths) {
		item, _ := paths[path].(map[string]any)
		for _, method := range methods {
			if item[method] != nil && onPayments.MatchString(path) && !ours[place{path, method}] {
				others = append(others, strings.ToUpper(method)+" "+path)
			}
		}
	}
	return others, nil
}
