package main

import (
	"embed"
	"net/http"
)

// web is the agent's page. There is no build step.
//
//go:embed web
var web embed.FS

// pagePolicy restricts the page to its own scripts, styles and connections, because
// it shows text from callers and gateways.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// servePage serves the page at / and its files next to it.
func servePage(mux *http.ServeMux) {
	for path, file := range map[string]string{
		"/{$}": "web/index.html", "/desk.css": "web/desk.css",
		"/desk.mjs": "web/desk.mjs", "/session.mjs": "web/session.mjs", "/view.mjs": "web/view.mjs",
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", pagePolicy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cache-Control", "no-store")
			http.ServeFileFS(w, r, web, file)
		})
	}
}
