package validators_test

import (
	"sync"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

var shared = sync.OnceValues(validators.NewPanel)

func panel(t testing.TB) *validators.Panel {
	t.Helper()
	p, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
