package validator

import "errors"

// The kinds of violation, for [errors.Is]; with each the status that a server
// would respond.
var (
	ErrRoute     = errors.New("no such route")        // 404
	ErrMethod    = errors.New("method not allowed")   // 405
	ErrSecurity  = errors.New("credentials required") // 401
	ErrMediaType = errors.New("media type not taken") // 415
	ErrSchema    = errors.New("not as declared")      // 400, and all that is wrong with responses and callbacks
)

// Places a violation can be in.
const (
	WhereMethod   = "method"
	WherePath     = "path"
	WhereQuery    = "query"
	WhereSecurity = "security"
	WhereHeader   = "header"
	WhereBody     = "body"
	WhereStatus   = "status"
)

// Violation is the first rule of the document found broken. It never holds
// what was sent: neither a value, nor the name of an undeclared field that may
// well be one.
type Violation struct {
	Where string // the place, one of the Where constants
	Field string // the parameter, header or property; empty when it is the place as a whole
	Rule  string // the rule, in words
	Kind  error  // one of ErrRoute, ErrMethod, ErrSecurity, ErrMediaType, ErrSchema
}

// Error returns place, field and rule on one line.
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
