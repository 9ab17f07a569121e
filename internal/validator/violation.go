package validator

import "errors"

// The kinds of violation, for [errors.Is], each with the status that a server would
// respond with.
var (
	ErrRoute     = errors.New("no such route")          // 404
	ErrMethod    = errors.New("method not allowed")     // 405
	ErrSecurity  = errors.New("credentials required")   // 401
	ErrMediaType = errors.New("unsupported media type") // 415
	ErrSchema    = errors.New("not as declared")        // 400, and every violation in responses and callbacks
)

// The locations of a violation.
const (
	WhereMethod   = "method"
	WherePath     = "path"
	WhereQuery    = "query"
	WhereSecurity = "security"
	WhereHeader   = "header"
	WhereBody     = "body"
	WhereStatus   = "status"
)

// Violation is the first broken rule. It never holds what was sent: no value, and no
// undeclared name that might be a value.
type Violation struct {
	Where string // the location, one of the Where constants
	Field string // the parameter, header or property; empty for the whole location
	Rule  string // the rule, in words
	Kind  error  // one of ErrRoute, ErrMethod, ErrSecurity, ErrMediaType, ErrSchema
}

// Error returns location, field and rule on one line.
func (v *Violation) Error() string {
	if v.Field == "" {
		return v.Where + ": " + v.Rule
	}
	return v.Where + " " + v.Field + ": " + v.Rule
}

// Unwrap returns the kind.
func (v *Violation) Unwrap() error { return v.Kind }

func schemaViolation(where, field, rule string) *Violation {
	return &Violation{Where: where, Field: field, Rule: rule, Kind: ErrSchema}
}
