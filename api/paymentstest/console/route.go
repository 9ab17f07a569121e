package console

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// handler serves one method of a path. An error it returns becomes the response.
type handler func(w http.ResponseWriter, r *http.Request) error

// resource is one path of the API and its methods.
type resource struct {
	pattern string
	get     handler
	post    handler
	open    bool // needs no token
}

// resources returns the paths of the API. The OpenAPI document has the same ones.
func (c *Console) resources() []resource {
	return []resource{
		{pattern: "openapi.json", get: serveContract, open: true},
		{pattern: "session", post: c.open, open: true},
		{pattern: "session/end", post: c.end},

		{pattern: "about", get: c.about},
		{pattern: "snapshot", get: c.snapshot},
		{pattern: "entries", get: c.entries},
		{pattern: "entries/{number}", get: c.entry},
		{pattern: "stream", get: c.stream},

		{pattern: "calls", post: c.newCall},
		{pattern: "calls/{call}/keys", post: c.pressKeys},
		{pattern: "calls/{call}/entry", post: c.typeEntry},
		{pattern: "calls/{call}/hang-up", post: c.hangUp},
		{pattern: "calls/{call}/caller", post: c.setCaller},

		{pattern: "sample", post: c.sample},
		{pattern: "sessions", post: c.startSession},
		{pattern: "sessions/{session}", get: c.session},
		{pattern: "sessions/{session}/capture", post: c.capture},
		{pattern: "sessions/{session}/complete", post: c.complete},
		{pattern: "sessions/{session}/cancel", post: c.cancelSession},
		{pattern: "requests/{number}/again", post: c.again},

		{pattern: "faults", post: c.armFault},
		{pattern: "faults/disarm", post: c.disarmFault},
		{pattern: "delivery", post: c.setDelivery},
		{pattern: "gateway", post: c.setGateway},
		{pattern: "gateway/decide", post: c.decideHeld},
		{pattern: "assumptions", post: c.setAssumptions},

		{pattern: "callbacks/send", post: c.sendCallback},
		{pattern: "callbacks/{number}/redeliver", post: c.redeliver},
		{pattern: "callbacks/{number}/signature", get: c.signature},
		{pattern: "explain", post: c.explain},

		{pattern: "scenarios", get: c.scenarios},
		{pattern: "scenarios/play", post: c.playText},
		{pattern: "scenarios/{name}/play", post: c.playShipped},

		{pattern: "exports/curl", get: c.exportCurl},
		{pattern: "exports/go", get: c.exportGo},
		{pattern: "exports/har", get: c.exportHAR},
		{pattern: "exports/html", get: c.exportHTML},
		{pattern: "exports/test", get: c.exportTest},
		{pattern: "exports/scenario", get: c.exportScenario},
	}
}

func (c *Console) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", responding(serveFile))
	mux.Handle(apiPath, responding(func(_ http.ResponseWriter, r *http.Request) error {
		if !c.known(r) {
			return tokenNeeded
		}
		return noSuchPath()
	}))
	for _, p := range c.resources() {
		mux.Handle(apiPath+p.pattern, responding(c.guarded(p)))
	}
	return mux
}

func responding(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			replyFailure(w, err)
		}
	})
}

// guarded wraps a resource: it requires the token and limits the rate of commands.
func (c *Console) guarded(p resource) handler {
	methods := map[string]handler{http.MethodGet: p.get, http.MethodHead: p.get, http.MethodPost: p.post}
	maps.DeleteFunc(methods, func(_ string, h handler) bool { return h == nil })
	allowed := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	return func(w http.ResponseWriter, r *http.Request) error {
		if !p.open && !c.known(r) {
			return tokenNeeded
		}
		serve, ok := methods[r.Method]
		switch {
		case !ok:
			w.Header().Set("Allow", allowed)
			return fail(http.StatusMethodNotAllowed, "wrong-method", "this path takes %s only", allowed)
		case r.Method == http.MethodPost && !c.commands.take():
			return tooFast
		}
		return serve(w, r)
	}
}
