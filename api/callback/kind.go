package callback

// Kind is what a status callback reports. Twilio sends no such parameter: it is
// told by which parameters are there.
type Kind string

const (
	// Started reports a new session: none of the parameters below is there.
	Started Kind = "started"
	// Updated reports a capture, asked for, going on or finished: there is
	// Capture, Required, PartialResult or ErrorType.
	Updated Kind = "updated"
	// Completed reports the end of a session, good or bad: there is a Result.
	Completed Kind = "completed"
)

func (e Event) kind() Kind {
	switch {
	case e.Result != "":
		return Completed
	case e.mentions("Capture"), e.mentions("Required"), e.mentions("PartialResult"), e.mentions("ErrorType"):
		return Updated // an empty Result says that there is none
	case e.mentions("Result"):
		return Completed
	}
	return Started
}
