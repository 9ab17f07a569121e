package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// The formats of what machines store for each other. A change of any kind, a new
// field included, is a new format: a machine refuses what a newer one has
// written rather than dropping what it does not know.
const (
	recordFormat  = 1
	messageFormat = 1
)

// ErrFormat means that a record or message on the bus was written by a newer version of
// this package, or is none. It stays on the bus as it is: update this machine.
var ErrFormat = errors.New("flow: cannot read what is stored on the bus")

func (r record) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // text, numbers, booleans and times always encode
	}
	return b
}

func decodeRecord(b []byte) (r record, err error) {
	err = decode("record of the session", b, recordFormat, &r)
	return r, err
}

// decode reads JSON of a format that is known, and no other. What was written
// before there were formats has none.
func decode(what string, b []byte, known int, into any) error {
	var header struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &header); err != nil {
		return fmt.Errorf("%w: the %s cannot be decoded", ErrFormat, what) // the error's own text may hold a value
	}
	if header.Format > known {
		return fmt.Errorf("%w: the %s has format %d, written by a newer version of this package; this one reads up to format %d: update it", ErrFormat, what, header.Format, known)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: the %s cannot be decoded", ErrFormat, what)
	}
	return nil
}
