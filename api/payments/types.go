package payments

import "github.com/twiliopay/twiliopay-go/generated"

// The types of the contract. They are generated; these names are how a user
// meets them.
type (
	// CreateParams are the fields of a new payment session.
	CreateParams = generated.CreateParams
	// UpdateParams are the fields of the next step of a payment session.
	UpdateParams = generated.UpdateParams
	// Session is a payment session as Twilio answers it.
	Session = generated.Session
	// Capture is the field the caller is asked for.
	Capture = generated.Capture
	// Status ends a payment session, one way or the other.
	Status = generated.Status
	// PaymentMethod is how the caller pays.
	PaymentMethod = generated.PaymentMethod
	// BankAccountType is the kind of account an ACH payment debits.
	BankAccountType = generated.BankAccountType
	// TokenType is the kind of token a session without a charge returns.
	TokenType = generated.TokenType
	// CardType is a brand of payment card.
	CardType = generated.CardType
	// Confirmation tells whether the caller is asked to confirm.
	Confirmation = generated.Confirmation
)

// What a caller can be asked for. The card number comes before the security
// code; otherwise the order is free.
const (
	CapturePaymentCardNumber        = generated.CapturePaymentCardNumber        // the card's number
	CaptureExpirationDate           = generated.CaptureExpirationDate           // the card's expiry, MMYY
	CaptureSecurityCode             = generated.CaptureSecurityCode             // three digits, four for amex
	CapturePostalCode               = generated.CapturePostalCode               // of the billing address
	CaptureBankRoutingNumber        = generated.CaptureBankRoutingNumber        // nine digits, for ACH
	CaptureBankAccountNumber        = generated.CaptureBankAccountNumber        // for ACH
	CapturePaymentCardNumberMatcher = generated.CapturePaymentCardNumberMatcher // once more, when RequireMatchingInputs lists it
	CaptureExpirationDateMatcher    = generated.CaptureExpirationDateMatcher    // once more, when RequireMatchingInputs lists it
	CaptureSecurityCodeMatcher      = generated.CaptureSecurityCodeMatcher      // once more, when RequireMatchingInputs lists it
	CapturePostalCodeMatcher        = generated.CapturePostalCodeMatcher        // once more, when RequireMatchingInputs lists it
)

// How a session is ended.
const (
	StatusComplete = generated.StatusComplete // charge, or return a token
	StatusCancel   = generated.StatusCancel   // forget what was captured
)

// How the caller pays.
const (
	PaymentMethodCreditCard = generated.PaymentMethodCreditCard // the default
	PaymentMethodACHDebit   = generated.PaymentMethodACHDebit   // needs Parameter["AVSName"]
)

// The kinds of bank account.
const (
	BankAccountTypeConsumerChecking   = generated.BankAccountTypeConsumerChecking // the default for ACH
	BankAccountTypeConsumerSavings    = generated.BankAccountTypeConsumerSavings
	BankAccountTypeCommercialChecking = generated.BankAccountTypeCommercialChecking
)

// The kinds of token.
const (
	TokenTypeReusable      = generated.TokenTypeReusable      // the default
	TokenTypeOneTime       = generated.TokenTypeOneTime       // for a single later charge
	TokenTypePaymentMethod = generated.TokenTypePaymentMethod // Stripe alone
)

// Whether the caller is asked to confirm.
const (
	ConfirmationTrue  = generated.ConfirmationTrue  // press 1 to go on, 2 to cancel
	ConfirmationFalse = generated.ConfirmationFalse // the default
)

// The brands of card that are known.
const (
	CardTypeVisa       = generated.CardTypeVisa       // taken by default
	CardTypeMastercard = generated.CardTypeMastercard // taken by default
	CardTypeAmex       = generated.CardTypeAmex       // taken by default
	CardTypeMaestro    = generated.CardTypeMaestro
	CardTypeDiscover   = generated.CardTypeDiscover
	CardTypeOptima     = generated.CardTypeOptima
	CardTypeJCB        = generated.CardTypeJCB
	CardTypeDinersClub = generated.CardTypeDinersClub
	CardTypeEnroute    = generated.CardTypeEnroute
)
