package main

import (
	"errors"
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// refusal is what the browser is told of a step that was not done.
type refusal struct {
	Error string `json:"error"`
	Again bool   `json:"again,omitempty"` // ask the caller once more
}

// refuse answers with what the agent can do about an error.
func refuse(w http.ResponseWriter, err error) {
	said := refusal{Error: err.Error()}
	if entry, refused := errors.AsType[*flow.EntryError](err); refused {
		said = refusal{Error: string(entry.Type), Again: entry.Again}
	} else if errors.Is(err, payments.ErrDeclined) {
		said.Error = "declined"
	}
	reply(w, flow.HTTPStatus(err), said)
}
