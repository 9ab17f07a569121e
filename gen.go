// Package twiliopay is the root of the Twilio Payments SDK and holds the
// directives that generate it. Import what you need from below api:
// api/payments to call Twilio, api/callback to hear from it, api/paymentstest
// to test without it.
package twiliopay

//go:generate go run ./internal/cmd/mergespec -in openapi/payments.json -overlay openapi/overlay.yaml -out generated/contract
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config openapi/oapi-codegen.yaml generated/contract/payments.json
//go:generate go run ./internal/cmd/gensdk
