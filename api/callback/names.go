package callback

import "github.com/twiliopay/twiliopay-go/generated"

// Result is how a payment session ended, [Details].Result. The values below
// are those known; others may come and are kept.
type Result = generated.Result

// The known results.
const (
	ResultSuccess                   = generated.ResultSuccess
	ResultPaymentConnectorError     = generated.ResultPaymentConnectorError
	ResultCallerInterruptedWithStar = generated.ResultCallerInterruptedWithStar
	ResultCallerHungUp              = generated.ResultCallerHungUp
	ResultValidationError           = generated.ResultValidationError
	ResultTooManyFailedAttempts     = generated.ResultTooManyFailedAttempts
	ResultInternalError             = generated.ResultInternalError
	ResultTransactionCancelled      = generated.ResultTransactionCancelled
)

// ErrorType is why an entry of the caller was not taken, [Details].ErrorType.
// The values below are those known; others may come and are kept.
type ErrorType = generated.ErrorType

// The known error types.
const (
	ErrorTypeInputTimeout                                 = generated.ErrorTypeInputTimeout
	ErrorTypeInputMatchingFailed                          = generated.ErrorTypeInputMatchingFailed
	ErrorTypeInvalidCardNumber                            = generated.ErrorTypeInvalidCardNumber
	ErrorTypeInvalidCardType                              = generated.ErrorTypeInvalidCardType
	ErrorTypeInvalidDate                                  = generated.ErrorTypeInvalidDate
	ErrorTypeInvalidSecurityCode                          = generated.ErrorTypeInvalidSecurityCode
	ErrorTypeInvalidPostalCode                            = generated.ErrorTypeInvalidPostalCode
	ErrorTypeInvalidBankRoutingNumber                     = generated.ErrorTypeInvalidBankRoutingNumber
	ErrorTypeInvalidBankAccountNumber                     = generated.ErrorTypeInvalidBankAccountNumber
	ErrorTypeInvalidBankAccountType                       = generated.ErrorTypeInvalidBankAccountType
	ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence = generated.ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence
	ErrorTypeSessionInProgress                            = generated.ErrorTypeSessionInProgress
	ErrorTypeInternalError                                = generated.ErrorTypeInternalError
)

// Capture names a field the caller is asked for. It is the same type as
// payments.Capture, whose constants name the known values.
type Capture = generated.Capture
