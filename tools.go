//go:build tools

// The tools this module is built with, pinned in go.mod beside its libraries.
package twiliopay

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)
