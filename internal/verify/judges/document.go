package judges

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/twiliopay/twiliopay-go/generated/contract"
)

// The documents that are judged by.
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
		root, err := Root()
		if err != nil {
			return nil, err
		}
		return os.ReadFile(filepath.Join(root, "openapi", "payments.json"))
	}
	return nil, fmt.Errorf("no document named %q", name)
}

// Root returns the directory of the SDK's module, found upwards from here.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "openapi", "payments.json")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("not inside the SDK's module")
		}
		dir = filepath.Dir(dir)
	}
}
