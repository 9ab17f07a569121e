// Package vectors holds the judges, the simulator and the mock server against
// requests with a verdict, and prints what each gets wrong. The requests are the
// project's shared material, which not every machine has.
package vectors

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"

	"github.com/twiliopay/twiliopay-go/internal/verify/judges"
)

// Vector is a request and what each document says of it. A document that is
// not named leaves it open.
type Vector struct {
	ID      string
	Request judges.Request
	Allowed map[string]bool
}

// AnswerVector is an answer and what the vendor's document says of it.
type AnswerVector struct {
	ID      string
	Answer  judges.Answer
	Allowed bool
}

// Dir returns where the shared vectors are, if they are.
func Dir() (string, bool) {
	root, err := judges.Root()
	if err != nil {
		return "", false
	}
	dir := filepath.Join(root, "..", "shared", "vectors")
	_, err = os.Stat(dir)
	return dir, err == nil
}

func read(name string, into any) error {
	dir, _ := Dir()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// Requests returns the requests whose verdict is not in doubt.
func Requests() ([]Vector, error) {
	var file struct {
		Requests []struct {
			ID, Oracle, Method, Target, Body string
			Headers                          map[string]string
		}
	}
	if err := read("requests.json", &file); err != nil {
		return nil, err
	}
	var vectors []Vector
	for _, r := range file.Requests {
		if r.Oracle == "ambiguous" {
			continue
		}
		header := http.Header{}
		for name, value := range r.Headers {
			header.Set(name, value)
		}
		v := Vector{r.ID, judges.Request{Method: r.Method, Target: r.Target, Header: header, Body: latin1(r.Body)}, map[string]bool{
			judges.Vendor: r.Oracle == "accept",
			judges.Merged: r.Oracle == "accept" && !overlayForbids[r.ID],
		}}
		vectors = append(vectors, v)
	}
	return vectors, nil
}

// overlayForbids are the requests that the vendor's document allows, and the
// vendor's prose, which the overlay turns into rules, does not.
var overlayForbids = map[string]bool{
	"num:-1": true, "num:1e6": true, "num:1e%2B06": true,
	"create:ChargeAmount=1000000": true, "create:ChargeAmount=1e+21": true, "create:ChargeAmount=2097152": true,
	"create:ChargeAmount=123456789.01": true, "create:Timeout=601": true, "create:missing all": true,
}

// latin1 turns text of one character per byte into the bytes.
func latin1(text string) string {
	bytes := make([]byte, 0, len(text))
	for _, c := range text {
		bytes = append(bytes, byte(c))
	}
	return string(bytes)
}
