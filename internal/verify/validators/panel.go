package validators

import "fmt"

// Panel is both validators on both documents.
type Panel struct{ groups []group }

// group is the validators of one document.
type group struct {
	document   string
	validators []Validator
}

// Finding is the verdict of one document's validators.
type Finding struct {
	Document string
	Allowed  bool
	Fault    *Fault // the known fault that explains a disagreement, if there was one
	Err      error  // why not allowed
}

// NewPanel returns the validators of both documents.
func NewPanel() (*Panel, error) {
	var p Panel
	for _, name := range []string{Vendor, Merged} {
		document, err := Document(name)
		if err != nil {
			return nil, err
		}
		k, err := Kin(document)
		if err != nil {
			return nil, err
		}
		l, err := Libopenapi(document)
		if err != nil {
			return nil, err
		}
		p.groups = append(p.groups, group{name, []Validator{k, l}})
	}
	return &p, nil
}

// Validators returns the validators of a document.
func (p *Panel) Validators(document string) []Validator {
	for _, b := range p.groups {
		if b.document == document {
			return b.validators
		}
	}
	return nil
}

// Request runs all validators on a request. The error reports a disagreement
// that no known fault explains.
func (p *Panel) Request(r Request) ([]Finding, error) {
	return p.ask(func(j Validator) error { return j.Request(r) }, &r, nil)
}

// Response runs all validators on a response. The error reports a disagreement
// that no known fault explains.
func (p *Panel) Response(a Response) ([]Finding, error) {
	return p.ask(func(j Validator) error { return j.Response(a) }, &a.Request, &a)
}

func (p *Panel) ask(of func(Validator) error, r *Request, a *Response) ([]Finding, error) {
	var findings []Finding
	for _, b := range p.groups {
		f, err := b.ask(of, r, a)
		if err != nil {
			return nil, err
		}
		findings = append(findings, f)
	}
	return findings, nil
}

func (b group) ask(of func(Validator) error, r *Request, a *Response) (Finding, error) {
	first, second := b.validators[0], b.validators[1]
	one, two := of(first), of(second)
	finding := Finding{Document: b.document, Allowed: one == nil, Err: one}
	if (one == nil) == (two == nil) {
		return finding, nil
	}
	for i := range Faults {
		f := &Faults[i]
		switch {
		case f.Explains(first.Name(), one == nil, r, a):
			return Finding{b.document, two == nil, f, two}, nil
		case f.Explains(second.Name(), two == nil, r, a):
			return Finding{b.document, one == nil, f, one}, nil
		}
	}
	return finding, fmt.Errorf("the validators of the %s document disagree: %s says %v; %s says %v",
		b.document, first.Name(), verdict(one), second.Name(), verdict(two))
}

func verdict(err error) string {
	if err == nil {
		return "yes"
	}
	return "no, " + err.Error()
}
