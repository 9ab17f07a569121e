// Package paycode maps Twilio's error codes and HTTP statuses to sentinel errors, for
// REST responses and status callbacks.
package paycode

import (
	"errors"
	"net/http"
)

// The Pay codes of Twilio's error dictionary: the code of a REST error, or
// PayErrorCode of a status callback.
const (
	Configuration            = 64001
	ServiceUnavailable       = 64002
	InvalidChargeAmount      = 64003
	InvalidPaymentConnector  = 64004
	TokenizationUnsupported  = 64005
	TokenTypeUnsupported     = 64006
	ChargeUnsupported        = 64007
	ChargeRejected           = 64008
	NotAuthorized            = 64009
	TokenRejected            = 64010
	CurrencyUnsupported      = 64011
	CardRejected             = 64012
	PaymentMethodUnsupported = 64013
	MissingAVSName           = 64014
	MissingParameter         = 64015
	InvalidActionURL         = 64016
	BankAccountTypeWithCard  = 64017
	CaptureOrStatusNeeded    = 64018
	Incomplete               = 64019
	InvalidParameterValue    = 64020
	InvalidOperation         = 64021
	InvalidTestCard          = 64022
	InvalidTestBankAccount   = 64023
	ConnectorNotApproved     = 64024
)

// AuthorizationFailed comes with 401 or 403: the credentials lack a permission.
const AuthorizationFailed = 70051

// The meanings of a failure, in a REST response or a status callback.
var (
	ErrAuthentication    = errors.New("credentials refused")
	ErrPermission        = errors.New("not permitted")
	ErrNotFound          = errors.New("not found")
	ErrRateLimited       = errors.New("rate limited")
	ErrInvalidParams     = errors.New("invalid parameters")
	ErrServer            = errors.New("server failure")
	ErrSessionInProgress = errors.New("a payment session is in progress")
	ErrIncomplete        = errors.New("payment information incomplete")
	ErrDeclined          = errors.New("declined by the payment gateway")
)

// Is reports whether a failure with this HTTP status and code means target. Each is
// zero if there is none.
func Is(status, code int, target error) bool {
	if meaning := byCode(code); meaning != nil && meaning == target {
		return true
	}
	meaning := byStatus(status)
	if meaning == ErrInvalidParams && isPay(code) {
		return false // the code is more precise
	}
	return meaning != nil && meaning == target
}

func isPay(code int) bool { return code >= Configuration && code <= ConnectorNotApproved }

func byCode(code int) error {
	switch code {
	case ChargeRejected, TokenRejected, CardRejected:
		return ErrDeclined
	case Incomplete:
		return ErrIncomplete
	case InvalidOperation:
		return ErrSessionInProgress
	case AuthorizationFailed:
		return ErrPermission
	case ServiceUnavailable:
		return ErrServer
	case InvalidChargeAmount, InvalidPaymentConnector, MissingAVSName, MissingParameter, InvalidActionURL,
		BankAccountTypeWithCard, CaptureOrStatusNeeded, InvalidParameterValue:
		return ErrInvalidParams
	}
	return nil
}

func byStatus(status int) error {
	switch {
	case status == http.StatusUnauthorized:
		return ErrAuthentication
	case status == http.StatusForbidden:
		return ErrPermission
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return ErrInvalidParams
	case status >= http.StatusInternalServerError:
		return ErrServer
	}
	return nil
}
