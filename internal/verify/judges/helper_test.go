package judges_test

import (
	"sync"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/judges"
)

var shared = sync.OnceValues(judges.NewPanel)

func panel(t testing.TB) *judges.Panel {
	t.Helper()
	p, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
