package wire_test

import (
	"errors"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestLists(t *testing.T) {
	t.Parallel()
	space, err := wire.SpaceList[string]{"visa", "diners-club"}.AppendText([]byte("> "))
	if err != nil || string(space) != "> visa diners-club" {
		t.Errorf("SpaceList: %q, %v", space, err)
	}
	comma, err := wire.CommaList[string]{"security-code", "postal-code"}.AppendText(nil)
	if err != nil || string(comma) != "security-code,postal-code" {
		t.Errorf("CommaList: %q, %v", comma, err)
	}
	for _, element := range []string{"", "a b", "a,b", "a\tb", "a\x00", "\x7f"} {
		if _, err := (wire.SpaceList[string]{"visa", element}).AppendText(nil); !errors.Is(err, wire.ErrList) {
			t.Errorf("SpaceList accepts %q, want wire.ErrList", element)
		}
		if _, err := (wire.CommaList[string]{element}).AppendText(nil); !errors.Is(err, wire.ErrList) {
			t.Errorf("CommaList accepts %q, want wire.ErrList", element)
		}
	}
}
