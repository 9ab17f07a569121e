package console

// Patterns returns the paths of the API with their methods.
func (c *Console) Patterns() map[string][]string {
	patterns := map[string][]string{}
	for _, r := range c.resources() {
		var methods []string
		if r.get != nil {
			methods = append(methods, "get")
		}
		if r.post != nil {
			methods = append(methods, "post")
		}
		patterns["/"+r.pattern] = methods
	}
	return patterns
}
