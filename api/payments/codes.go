package payments

import "github.com/twiliopay/twiliopay-go/internal/paycode"

// The Pay codes of Twilio's error dictionary: values of [Error.Code].
// See https://www.twilio.com/docs/api/errors
const (
	CodeConfiguration            = paycode.Configuration            // 64001: the connector is misconfigured
	CodeServiceUnavailable       = paycode.ServiceUnavailable       // 64002: a temporary failure at Twilio or the gateway
	CodeInvalidChargeAmount      = paycode.InvalidChargeAmount      // 64003: below zero, or decimals the currency does not have
	CodeInvalidPaymentConnector  = paycode.InvalidPaymentConnector  // 64004: no connector of that name
	CodeTokenizationUnsupported  = paycode.TokenizationUnsupported  // 64005: the connector cannot tokenize
	CodeTokenTypeUnsupported     = paycode.TokenTypeUnsupported     // 64006: the connector has no tokens of that type
	CodeChargeUnsupported        = paycode.ChargeUnsupported        // 64007: the connector cannot charge
	CodeChargeRejected           = paycode.ChargeRejected           // 64008: the gateway declined the charge
	CodeNotAuthorized            = paycode.NotAuthorized            // 64009: the gateway no longer lets Twilio act for you
	CodeTokenRejected            = paycode.TokenRejected            // 64010: the gateway declined the token
	CodeCurrencyUnsupported      = paycode.CurrencyUnsupported      // 64011: the connector does not support the currency
	CodeCardRejected             = paycode.CardRejected             // 64012: the gateway declined the card
	CodePaymentMethodUnsupported = paycode.PaymentMethodUnsupported // 64013: the connector does not support the method
	CodeMissingAVSName           = paycode.MissingAVSName           // 64014: ACH needs Parameter["AVSName"]
	CodeMissingParameter         = paycode.MissingParameter         // 64015: the connector needs another Parameter
	CodeInvalidActionURL         = paycode.InvalidActionURL         // 64016: of the Pay verb, not of this API
	CodeBankAccountTypeWithCard  = paycode.BankAccountTypeWithCard  // 64017: BankAccountType cannot be used with a card
	CodeCaptureOrStatusNeeded    = paycode.CaptureOrStatusNeeded    // 64018: neither or both of Capture and Status
	CodeIncomplete               = paycode.Incomplete               // 64019: complete before all fields were captured
	CodeInvalidParameterValue    = paycode.InvalidParameterValue    // 64020: Twilio refused a value
	CodeInvalidOperation         = paycode.InvalidOperation         // 64021: the call already has an open session
	CodeInvalidTestCard          = paycode.InvalidTestCard          // 64022: not a test card, connector in TEST mode
	CodeInvalidTestBankAccount   = paycode.InvalidTestBankAccount   // 64023: not a test account, connector in TEST mode
	CodeConnectorNotApproved     = paycode.ConnectorNotApproved     // 64024: the connector is not approved for LIVE mode
)

// CodeAuthorizationFailed is 70051: the account or its credentials lack a
// permission. [Error.Permissions] has those that a restricted key lacks.
const CodeAuthorizationFailed = paycode.AuthorizationFailed

// The meanings of an error, for errors.Is. Errors from status callbacks match the
// same values.
var (
	// ErrAuthentication: the credentials were refused (401).
	ErrAuthentication = paycode.ErrAuthentication
	// ErrPermission: the credentials lack a permission (403, 70051).
	ErrPermission = paycode.ErrPermission
	// ErrNotFound: no such call or session (404).
	ErrNotFound = paycode.ErrNotFound
	// ErrRateLimited: too many concurrent requests (429); Twilio did not act.
	ErrRateLimited = paycode.ErrRateLimited
	// ErrInvalidParams: a value was refused, before sending or by Twilio.
	ErrInvalidParams = paycode.ErrInvalidParams
	// ErrServer: Twilio or a proxy in front of it failed (5xx, 64002).
	ErrServer = paycode.ErrServer
	// ErrSessionInProgress: the call already has an open session (64021).
	ErrSessionInProgress = paycode.ErrSessionInProgress
	// ErrIncomplete: complete came before every field was captured (64019).
	ErrIncomplete = paycode.ErrIncomplete
	// ErrDeclined: the gateway declined charge, token or card (64008, 64010, 64012).
	ErrDeclined = paycode.ErrDeclined
)
