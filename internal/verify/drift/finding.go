package drift

// Tool is a tool that compares contracts.
type Tool string

// The two tools.
const (
	OASDiff     Tool = "oasdiff"
	WhatChanged Tool = "what-changed"
)

// finding is one tool's report about one place.
type finding struct {
	tool     Tool
	place    place
	text     string
	vague    bool // the text names the keyword and no more
	breaking bool
}

// find names the place at a line and column. Where an element and its first
// keyword start together, whole asks for the element.
func (d *document) find(line, column int, whole bool) (place, bool) {
	candidates := d.index[[2]int{line, column}]
	if len(candidates) == 0 {
		return place{}, false
	}
	if whole {
		for _, at := range candidates {
			if p := d.place(at); p.keyword == "" && p.at != nil {
				return p, true
			}
		}
	}
	return d.place(candidates[len(candidates)-1]), true
}
