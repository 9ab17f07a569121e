package drift

import (
	"fmt"
	"strings"
)

// refName is the component a $ref leads to.
func refName(ref any) string {
	text := fmt.Sprint(ref)
	return text[strings.LastIndexByte(text, '/')+1:]
}

// operationIDs are the operation ids of a trimmed document, by path and method.
func (d *document) operationIDs() map[string]string {
	ids := map[string]string{}
	paths, _ := d.at("paths").(map[string]any)
	for name, item := range paths {
		methods, _ := item.(map[string]any)
		for method := range methods {
			if id, ok := d.at("paths", name, method, "operationId").(string); ok {
				ids[name+" "+method] = id
			}
		}
	}
	return ids
}
