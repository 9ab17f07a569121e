package main

import (
	"errors"
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// refusal is the response for a step that failed.
type refusal struct {
	Error string `json:"error"`
	Again bool   `json:"again,omitempty"` // the agent can ask the caller again
}

// refuse responds with an error and what the agent can do about it.
func refuse(w http.ResponseWriter, err error) {
	body := refusal{Error: err.Error()}
	if entry, refused := errors.AsType[*flow.EntryError](err); refused {
		body = refusal{Error: string(entry.Type), Again: entry.Again}
	} else if errors.Is(err, payments.ErrDeclined) {
		body.Error = "declined"
	}
	reply(w, flow.HTTPStatus(err), body)
}
