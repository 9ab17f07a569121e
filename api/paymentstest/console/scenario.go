package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

// Limits of scenario runs.
const (
	maxPlays    = 20 // runs in the history
	maxPlaying  = 4  // runs at the same time
	playTimeout = 2 * time.Minute
)

// shippedScenario is a scenario that ships with the module.
type shippedScenario struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Text is the comment at the head of the file.
	Text string `json:"text,omitempty"`
	File string `json:"file"`
}

// play is one run of a scenario, running or finished.
type play struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Title   string `json:"title"`
	Call    string `json:"call"`
	Running bool   `json:"running"`
	Passed  bool   `json:"passed"`
	// Report says what happened. It is empty while the scenario runs.
	Report string `json:"report,omitempty"`
}

func (c *Console) scenarios(w http.ResponseWriter, _ *http.Request) error {
	list := []shippedScenario{}
	for _, sc := range scenario.Shipped() {
		file, err := scenario.Text(sc.Name())
		if err != nil {
			return err
		}
		list = append(list, shippedScenario{sc.Name(), sc.Title(), headOf(string(file)), string(file)})
	}
	reply(w, http.StatusOK, list)
	return nil
}

// headOf returns the comment at the head of a file.
func headOf(file string) string {
	var lines []string
	for line := range strings.Lines(file) {
		text, comment := strings.CutPrefix(strings.TrimSpace(line), "//")
		if !comment {
			break
		}
		lines = append(lines, strings.TrimSpace(text))
	}
	return strings.Join(lines, " ")
}

// playShipped plays a scenario that ships with the module.
func (c *Console) playShipped(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		PaceMs *int `json:"paceMs"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	sc, err := scenario.Find(r.PathValue("name"))
	if err != nil {
		return notFound("this scenario")
	}
	return c.playScenario(w, sc, command.PaceMs)
}

// playText plays the scenario in the command.
func (c *Console) playText(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Text   string `json:"text"`
		PaceMs *int   `json:"paceMs"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	sc, err := scenario.Parse("scenario", []byte(command.Text))
	if err != nil {
		return badField("text", "is not a valid scenario:\n%v", err)
	}
	return c.playScenario(w, sc, command.PaceMs)
}

// playScenario starts a run on a new call, at a pace that a person can follow, and
// does not wait for its end.
func (c *Console) playScenario(w http.ResponseWriter, sc *scenario.Scenario, paceMs *int) error {
	pace, err := paceOf(paceMs)
	if err != nil {
		return err
	}
	sc = sc.WithPace(pace)
	c.mu.Lock()
	playing := 0
	for _, p := range c.plays {
		if p.Running {
			playing++
		}
	}
	if playing >= maxPlaying {
		c.mu.Unlock()
		return fail(http.StatusConflict, "too-many", "%d scenarios are running: wait for one to end", playing)
	}
	c.playID++
	p := &play{ID: c.playID, Name: sc.Name(), Title: sc.Title(), Running: true}
	c.plays = append(c.plays, p)
	if len(c.plays) > maxPlays {
		c.plays = c.plays[1:]
	}
	c.mu.Unlock()

	call := c.srv.NewCall()
	c.mu.Lock()
	p.Call = call.SID
	shown := *p
	c.change()
	c.mu.Unlock()
	c.work.Go(func() {
		ctx, cancel := context.WithTimeout(c.ctx, playTimeout)
		defer cancel()
		report, err := sc.RunOn(ctx, c.srv, call)
		c.mu.Lock()
		defer c.mu.Unlock()
		p.Running = false
		if err != nil {
			p.Report = "The scenario did not finish: " + trimmed(err)
		} else {
			p.Passed, p.Report = report.Passed(), report.String()
		}
		c.change()
	})
	reply(w, http.StatusAccepted, shown)
	return nil
}

// exportScenario writes the run of a call as a scenario.
func (c *Console) exportScenario(w http.ResponseWriter, r *http.Request) error {
	part, err := c.run(r)
	if err != nil {
		return err
	}
	if part.call == "" {
		return badField("call", "is missing: a scenario covers one call")
	}
	sc, err := scenario.FromJournal(part.entries)
	if err != nil {
		return fail(http.StatusConflict, "cannot-say", "this run cannot be saved as a scenario: %s", strings.TrimPrefix(err.Error(), "scenario: "))
	}
	attach(w, "application/json", part.fileName(".scenario.json"), sc.Text())
	return nil
}
