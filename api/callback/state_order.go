package callback

import (
	"cmp"
	"strings"
	"time"
)

// moment orders the updates of one session. Callbacks carry no sequence number, so
// the order is by DateUpdated first. At the same date, or without dates, an
// accepted entry comes after a refused one, which comes after one in progress;
// then fewer missing fields come after more, since a session moves forward; then
// the text decides, which is arbitrary but always gives the same result.
//
// It is a total order. [State] keeps only the latest of several values, and the
// maximum of a total order depends neither on the order nor on repetitions, so
// neither does the state.
type moment struct {
	Date    time.Time `json:"date,omitzero"`
	Stage   stage     `json:"stage"`
	Missing int       `json:"missing"`
	Text    string    `json:"text,omitempty"`
}

// stage is the progress of an entry.
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
