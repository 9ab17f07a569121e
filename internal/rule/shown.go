package rule

// Part is how much of an entry may be shown. The zero Part is nothing.
type Part int

// The parts, from nothing to all.
const (
	ShowNothing Part = iota
	ShowLast2
	ShowLast4
	ShowAll
)

// Shown is where and how a callback shows what a caller entered for a capture.
type Shown struct {
	Parameter string
	Part      Part
}
