// Package repo finds the SDK's module on disk.
package repo

import (
	"errors"
	"os"
	"path/filepath"
)

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
