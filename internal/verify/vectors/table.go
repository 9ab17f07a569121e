package vectors

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// Row is the result of one validator on one document.
type Row struct {
	What                      string // the vectors, in a word
	Validator, Document       string
	Cases                     int
	WrongAccepts, WrongRefuse []string
	Unexplained               []string // of the wrong ones, those of no known fault
}

// Try runs a validator on vectors. Its wrong verdicts are looked up among its
// known faults.
func Try(what, name, document string, vectors []Vector, request func(validators.Request) error, faults []validators.Fault) Row {
	row := Row{What: what, Validator: name, Document: document}
	for _, v := range vectors {
		want, known := v.Allowed[document]
		if !known {
			continue
		}
		err := request(v.Request)
		row.note(v.ID, err, want, &v.Request, nil, faults)
	}
	return row
}

// TryResponses is Try for responses.
func TryResponses(j validators.Validator, document string, vectors []ResponseVector) Row {
	row := Row{What: "responses", Validator: j.Name(), Document: document}
	for _, v := range vectors {
		row.note(v.ID, j.Response(v.Response), v.Allowed, &v.Response.Request, &v.Response, validators.Faults)
	}
	return row
}

func (r *Row) note(id string, err error, want bool, request *validators.Request, response *validators.Response, faults []validators.Fault) {
	r.Cases++
	accepted := err == nil
	switch {
	case accepted == want:
		return
	case accepted:
		r.WrongAccepts = append(r.WrongAccepts, id)
	default:
		r.WrongRefuse = append(r.WrongRefuse, id)
	}
	if !slices.ContainsFunc(faults, func(f validators.Fault) bool { return f.Explains(r.Validator, accepted, request, response) }) {
		r.Unexplained = append(r.Unexplained, fmt.Sprintf("%s: %v", id, err))
	}
}

// String is the row of a table.
func (r Row) String() string {
	return fmt.Sprintf("| %-8s | %-12s | %-6s | %3d cases | %2d wrong accepts%s | %2d wrong refusals%s",
		r.What, r.Validator, r.Document, r.Cases, len(r.WrongAccepts), list(r.WrongAccepts), len(r.WrongRefuse), list(r.WrongRefuse))
}

// most is how many vectors a row names.
const most = 12

func list(ids []string) string {
	if len(ids) == 0 || len(ids) > most {
		return ""
	}
	return ": " + strings.Join(ids, ", ")
}
