package spec

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// pointer is a JSON pointer as a URI fragment ("#/info/title"): the location of an
// error in the document.
type pointer string

var (
	escapeToken   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapeToken = strings.NewReplacer("~1", "/", "~0", "~")
)

func (p pointer) to(key string) pointer { return p + "/" + pointer(escapeToken.Replace(key)) }

func (p pointer) index(i int) pointer { return p + "/" + pointer(strconv.Itoa(i)) }

// errorf returns a one-line error; a line break in a key is shown as a space.
func (p pointer) errorf(format string, args ...any) error {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, string(p))
	return fmt.Errorf("%s: %s", visible, fmt.Sprintf(format, args...))
}

// refTo returns a reference to a component.
func refTo(kind, name string) map[string]any {
	return map[string]any{"$ref": string(componentAt(kind, name))}
}

func componentAt(kind, name string) pointer { return pointer("#/components").to(kind).to(name) }

// splitRef returns the name in a reference of the form #/components/<kind>/<name>.
func splitRef(ref, kind string) (name string, ok bool) {
	token, ok := strings.CutPrefix(ref, string(componentAt(kind, "")))
	if !ok || token == "" || strings.Contains(token, "/") {
		return "", false
	}
	token, err := url.PathUnescape(token)
	if err != nil {
		return "", false
	}
	return unescapeToken.Replace(token), true
}
