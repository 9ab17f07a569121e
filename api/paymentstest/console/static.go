package console

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// files are the page's files. There is no build step.
//
//go:embed web
var files embed.FS

// types are the media types of the page's files.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// serveFile serves a file of the page. It needs no token, because the page shows
// nothing without the API.
func serveFile(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return fail(http.StatusMethodNotAllowed, "wrong-method", "files accept GET and HEAD only")
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch name {
	case "":
		name = "index.html"
	case "api.html":
		return servePeople(w)
	}
	kind, known := types[path.Ext(name)]
	content, err := fs.ReadFile(files, "web/"+name)
	if !known || err != nil {
		return noSuchPath()
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(content) // #nosec G705 -- an embedded file
	return nil
}
