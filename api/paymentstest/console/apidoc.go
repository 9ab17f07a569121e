package console

import (
	_ "embed"
	"net/http"
)

// contract is the API as an OpenAPI document.
//
//go:embed openapi.json
var contract []byte

func serveContract(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(contract)
	return nil
}

func servePeople(w http.ResponseWriter) error { return notFound("x") }
