package spec

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// pointer is a JSON pointer in its URI fragment form ("#/paths/~1x/post"), so
// that an error says where in the document it was found.
type pointer string

func (p pointer) to(key string) pointer {
	return p + "/" + pointer(strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
}

func (p pointer) index(i int) pointer { return p + "/" + pointer(strconv.Itoa(i)) }

func (p pointer) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %s", string(p), fmt.Sprintf(format, args...))
}

// splitRef gives the name in a reference of the form #/components/<kind>/<name>.
func splitRef(ref, kind string) (name string, ok bool) {
	name, ok = strings.CutPrefix(ref, "#/components/"+kind+"/")
	if !ok || name == "" || strings.Contains(name, "/") {
		return "", false
	}
	name, err := url.PathUnescape(name)
	if err != nil {
		return "", false
	}
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(name), true
}
