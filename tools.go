//go:build tools

// The tools that generate code of this module; go.mod pins their versions.
package twiliopay

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
)
