// Package bare is what oapi-codegen makes of the trimmed contract with its own
// defaults: no overlay, no settings. It is the choice of those who would rather
// generate a client than import one.
package bare

//go:generate go run -C ../../../../.. github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -generate types,client -package bare -o internal/verify/cmd/bench/bare/bare.gen.go openapi/payments.json
