// Package twiliopay is the root of the Twilio Payments SDK and holds only the
// directives that generate it. Import the packages below api: api/flow for whole
// payments, api/payments to call Twilio, api/callback to receive its status
// callbacks, and api/paymentstest to test without it.
package twiliopay

//go:generate go run ./internal/cmd/mergespec -in openapi/payments.json -overlay openapi/overlay.yaml -out generated/contract
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config openapi/oapi-codegen.yaml generated/contract/payments.json
//go:generate go run ./internal/cmd/gensdk
