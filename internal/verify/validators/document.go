package validators

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/verify/repo"
)

// The documents that traffic is validated against.
const (
	Vendor = "vendor" // the two operations as the vendor publishes them
	Merged = "merged" // with the overlay over them: the contract of this SDK
)

// Document returns one of the documents.
func Document(name string) ([]byte, error) {
	switch name {
	case Merged:
		return contract.JSON(), nil
	case Vendor:
		root, err := repo.Root()
		if err != nil {
			return nil, err
		}
		return os.ReadFile(filepath.Join(root, "openapi", "payments.json"))
	}
	return nil, fmt.Errorf("no document named %q", name)
}
