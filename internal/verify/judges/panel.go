package judges

import "fmt"

// Panel is both judges on both documents.
type Panel struct{ benches []bench }

// bench is the judges of one document.
type bench struct {
	document string
	judges   []Judge
}

// Finding is what the judges of one document say.
type Finding struct {
	Document string
	Allowed  bool
	Fault    *Fault // the known fault that explains a disagreement, if there was one
	Err      error  // why not allowed
}

// NewPanel reads the documents and seats the judges.
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
		p.benches = append(p.benches, bench{name, []Judge{k, l}})
	}
	return &p, nil
}

// Judges returns the judges of a document.
func (p *Panel) Judges(document string) []Judge {
	for _, b := range p.benches {
		if b.document == document {
			return b.judges
		}
	}
	return nil
}

// Request asks all judges. The error tells of a disagreement that no known
// fault explains.
func (p *Panel) Request(r Request) ([]Finding, error) {
	return p.ask(func(j Judge) error { return j.Request(r) }, &r, nil)
}

// Answer asks all judges. The error tells of a disagreement that no known fault
// explains.
func (p *Panel) Answer(a Answer) ([]Finding, error) {
	return p.ask(func(j Judge) error { return j.Answer(a) }, &a.Request, &a)
}

func (p *Panel) ask(of func(Judge) error, r *Request, a *Answer) ([]Finding, error) {
	var findings []Finding
	for _, b := range p.benches {
		f, err := b.ask(of, r, a)
		if err != nil {
			return nil, err
		}
		findings = append(findings, f)
	}
	return findings, nil
}

func (b bench) ask(of func(Judge) error, r *Request, a *Answer) (Finding, error) {
	first, second := b.judges[0], b.judges[1]
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
	return finding, fmt.Errorf("the judges of the %s document disagree: %s says %v; %s says %v",
		b.document, first.Name(), verdict(one), second.Name(), verdict(two))
}

func verdict(err error) string {
	if err == nil {
		return "yes"
	}
	return "no, " + err.Error()
}
