// Package bare is what oapi-codegen generates from the trimmed contract with
// its defaults: no overlay, no settings. It stands for users who generate a
// client instead of importing one.
package bare

//go:generate go run -C ../../../../.. github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -generate types,client -package bare -o internal/verify/cmd/bench/bare/bare.gen.go openapi/payments.json
