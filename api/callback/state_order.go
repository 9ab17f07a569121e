package callback

import (
	"cmp"
	"strings"
	"time"
)

// moment is when an update happened, comparable with that of any other update
// of its session. Callbacks carry no sequence number, so the order is: first
// DateUpdated; at the same date, or without any, an entry that was taken comes
// after one that was refused, which comes after one still going on; then fewer
// missing fields come after more, since a session moves forward; and then the
// text decides, which is as good as any rule as long as it is one.
//
// It is a total order, and that makes [State] independent of the order in
// which events arrive: it keeps the latest of several things, and "the latest
// of" may be taken in any order, any number of times.
type moment struct {
	Date    time.Time `json:"date,omitzero"`
	Stage   stage     `json:"stage"`
	Missing int       `json:"missing"`
	Text    string    `json:"text,omitempty"`
}

// stage is how far one entry has come.
type stage int

const (
	entering stage = iota
	refused
	taken
)

func momentOf(e Event) moment {
	m := moment{Date: e.DateUpdated.UTC(), Stage: stageOf(e), Missing: len(e.Missing())}
	m.Text = storable(string(e.Capture) + "|" + string(e.ErrorType) + "|" + e.Required)
	return m
}

func stageOf(e Event) stage {
	switch {
	case e.ErrorType != "":
		return refused
	case e.Partial():
		return entering
	}
	return taken
}

func (m moment) compare(n moment) int {
	return cmp.Or(
		m.Date.Compare(n.Date),
		cmp.Compare(m.Stage, n.Stage),
		cmp.Compare(n.Missing, m.Missing),
		strings.Compare(m.Text, n.Text),
	)
}
