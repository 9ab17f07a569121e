package console

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// faultKind is a way in which a request can fail.
type faultKind struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	// TakesEffect says whether the request takes effect: "before" the fault, "never",
	// or as the person chooses.
	TakesEffect string   `json:"takesEffect"`
	Needs       []string `json:"needs"`
	make        func(faultCommand) paymentstest.Fault
}

const (
	effectNever  = "never"
	effectBefore = "before"
	effectChoose = "choose"
)

var faultKinds = []faultKind{
	{"too-many-requests", "429, too many requests", effectNever, []string{"retryAfter"}, func(f faultCommand) paymentstest.Fault {
		return paymentstest.TooManyRequests(f.RetryAfter)
	}},
	{"unavailable", "503 with an HTML page", effectChoose, nil, func(faultCommand) paymentstest.Fault {
		return paymentstest.Respond(http.StatusServiceUnavailable, "<html><body>Service Unavailable</body></html>")
	}},
	{"server-error", "500 with Twilio's code 20500", effectChoose, nil, func(faultCommand) paymentstest.Fault {
		return paymentstest.Refuse(http.StatusInternalServerError, 20500, "Internal Server Error")
	}},
	{"reset", "connection reset", effectChoose, nil, func(faultCommand) paymentstest.Fault { return paymentstest.Reset() }},
	{"half-body", "half of the response, then disconnect", effectBefore, nil, func(faultCommand) paymentstest.Fault { return paymentstest.HalfBody() }},
	{"never-answer", "no response at all", effectChoose, nil, func(faultCommand) paymentstest.Fault { return paymentstest.NeverAnswer() }},
	{"slow", "a late response", effectChoose, []string{"delayMs"}, func(faultCommand) paymentstest.Fault { return paymentstest.Fault{} }},
}

// faultCommand arms a fault for requests.
type faultCommand struct {
	Fault       string                 `json:"fault"`
	TakesEffect bool                   `json:"takesEffect"`
	Operation   paymentstest.Operation `json:"operation,omitempty"`
	Call        string                 `json:"call,omitempty"`
	Attempt     int                    `json:"attempt,omitempty"`
	RetryAfter  string                 `json:"retryAfter,omitempty"`
	DelayMs     int                    `json:"delayMs,omitempty"`
	// Times is how many requests fail; zero means all.
	Times *int    `json:"times"`
	Share float64 `json:"share,omitempty"`
}

// armedFault is a fault that waits for matching requests.
type armedFault struct {
	ID int `json:"id"`
	faultCommand
	// Left is how many more requests fail; zero means all.
	Left  int `json:"left"`
	Fired int `json:"fired"`
	fault paymentstest.Fault
}

// The limits of a fault.
const (
	maxDelay = 10 * time.Minute
	maxTimes = 1_000_000
	maxArmed = 100
)

func (f *faultCommand) check() (paymentstest.Fault, error) {
	at := slices.IndexFunc(faultKinds, func(k faultKind) bool { return k.Name == f.Fault })
	operations := []paymentstest.Operation{paymentstest.Any, paymentstest.Create, paymentstest.Capture, paymentstest.Complete, paymentstest.Cancel}
	switch {
	case at < 0:
		return paymentstest.Fault{}, badField("fault", "must be one of %s", namesOf(faultKinds, func(k faultKind) string { return k.Name }))
	case !slices.Contains(operations, f.Operation):
		return paymentstest.Fault{}, badField("operation", "must be create, capture, complete, cancel, or empty for all")
	case f.Call != "" && !callPattern.MatchString(f.Call):
		return paymentstest.Fault{}, badField("call", "must be a call SID, CA and 32 hexadecimal digits")
	case f.Attempt < 0:
		return paymentstest.Fault{}, badField("attempt", "must be 1 or more, or 0 for every attempt")
	case f.DelayMs < 0 || f.DelayMs > int(maxDelay/time.Millisecond):
		return paymentstest.Fault{}, badField("delayMs", "must be 0 to %d", maxDelay/time.Millisecond)
	case len(f.RetryAfter) > 40 || !headerText(f.RetryAfter):
		return paymentstest.Fault{}, badField("retryAfter", "must be a value of the Retry-After header: seconds or a date")
	}
	if err := checkTimes(&f.Times, f.Share); err != nil {
		return paymentstest.Fault{}, err
	}
	kind := faultKinds[at]
	fault := kind.make(*f)
	if kind.Name == "slow" && f.DelayMs == 0 {
		f.DelayMs = 3000
	}
	if f.TakesEffect = kind.TakesEffect == effectBefore || kind.TakesEffect == effectChoose && f.TakesEffect; f.TakesEffect {
		fault = fault.AfterCommit()
	}
	return fault.After(time.Duration(f.DelayMs) * time.Millisecond), nil
}

// checkTimes checks how often something happens. Its default is once, or always
// if a share is given.
func checkTimes(times **int, share float64) error {
	if share < 0 || share > 1 {
		return badField("share", "must be 0 to 1")
	}
	if *times == nil {
		*times = new(1)
		if share > 0 {
			*times = new(0)
		}
	}
	if **times < 0 || **times > maxTimes {
		return badField("times", "must be 0 to %d; 0 means always", maxTimes)
	}
	return nil
}

func headerText(text string) bool {
	return !slices.ContainsFunc([]byte(text), func(b byte) bool { return b < ' ' || b > '~' })
}

func namesOf[T any](list []T, name func(T) string) string {
	text := ""
	for i, item := range list {
		if i > 0 {
			text += ", "
		}
		text += name(item)
	}
	return text
}

func (c *Console) armFault(w http.ResponseWriter, r *http.Request) error {
	var command faultCommand
	if err := read(w, r, &command); err != nil {
		return err
	}
	fault, err := command.check()
	if err != nil {
		return err
	}
	c.mu.Lock()
	if len(c.faults) >= maxArmed {
		c.mu.Unlock()
		return fail(http.StatusConflict, "too-many", "%d faults are armed, which is the maximum: disarm one first", maxArmed)
	}
	c.faultID++
	f := &armedFault{ID: c.faultID, faultCommand: command, Left: *command.Times, fault: fault}
	c.faults = append(c.faults, f)
	shown := *f
	c.change()
	c.mu.Unlock()
	reply(w, http.StatusCreated, shown)
	return nil
}

func (c *Console) disarmFault(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		ID int `json:"id"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	c.mu.Lock()
	before := len(c.faults)
	c.faults = slices.DeleteFunc(c.faults, func(f *armedFault) bool { return command.ID == 0 || f.ID == command.ID })
	removed := len(c.faults) < before || command.ID == 0
	c.change()
	c.mu.Unlock()
	if !removed {
		return notFound("this fault")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// inject returns the fault for an attempt: the matching one that was armed first.
func (c *Console) inject(a paymentstest.Attempt) paymentstest.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, f := range c.faults {
		if cmp.Or(f.Operation, a.Operation) != a.Operation || cmp.Or(f.Attempt, a.Number) != a.Number || cmp.Or(f.Call, a.CallSID) != a.CallSID || !chance(f.Share) {
			continue
		}
		f.Fired++
		if f.Left > 0 {
			if f.Left--; f.Left == 0 {
				c.faults = slices.Delete(c.faults, i, i+1)
			}
		}
		c.change()
		return f.fault
	}
	return paymentstest.Fault{}
}

// chance returns true for about a share of all calls, and always if share is zero.
func chance(share float64) bool {
	return share == 0 || rand.Float64() < share // #nosec G404 -- simulated faults need no secure randomness
}
