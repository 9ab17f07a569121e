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
	entry, refused := errors.AsType[*flow.EntryError](err)
	_, ended := errors.AsType[*flow.EndedError](err)
	switch {
	case refused:
		reply(w, http.StatusUnprocessableEntity, refusal{string(entry.Type), entry.Again})
	case errors.Is(err, payments.ErrDeclined):
		reply(w, http.StatusPaymentRequired, refusal{Error: "declined"})
	case ended:
		reply(w, http.StatusGone, refusal{Error: err.Error()})
	case errors.Is(err, flow.ErrBusy), errors.Is(err, flow.ErrCompleting), errors.Is(err, flow.ErrTakenOver),
		errors.Is(err, payments.ErrSessionInProgress), errors.Is(err, payments.ErrIncomplete):
		reply(w, http.StatusConflict, refusal{Error: err.Error()})
	case errors.Is(err, payments.ErrInvalidParams), errors.Is(err, flow.ErrNoRecord):
		reply(w, http.StatusBadRequest, refusal{Error: err.Error()})
	default: // among them an outcome that is not known
		reply(w, http.StatusGatewayTimeout, refusal{Error: err.Error()})
	}
}
