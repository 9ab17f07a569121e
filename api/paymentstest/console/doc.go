// Package console serves a page that shows a simulated payment and lets a
// person play it: the caller's phone, a timeline of requests, keys and
// callbacks, the raw content of each, and switches for fault injection. It is
// an [http.Handler] over a [paymentstest.Server], with a JSON API, one event
// stream and the page's files. It depends only on the standard library and this
// module.
//
//	srv, err := paymentstest.Start()
//	…
//	page, err := console.New(srv)
//	…
//	srv.ServeOther(page)
//	fmt.Println(page.URL(srv.URL))
//
// You can mount it elsewhere, under any prefix that ends in a slash:
//
//	mux.Handle("/console/", http.StripPrefix("/console", page))
//
// The program api/paymentstest/sandbox serves the page at its own address.
//
// # API
//
// The page does everything through the API below console-api/. The OpenAPI
// document console-api/openapi.json describes the API, and api.html does so for
// people. Reads are GETs; commands are POSTs of a JSON object. An error is
// {"error":{"code":…,"message":…}}. The stream console-api/stream consists of
// server-sent events: a snapshot, then the entries of the server's journal.
// Their numbers are the event ids, so that a client that lost the connection
// continues where it was.
//
// # Access
//
// Access requires a token. [Console.URL] has it in the fragment, which browsers
// do not send. The page exchanges it for a cookie that scripts cannot read and
// that other sites cannot send; programs send it as a bearer token. It is
// random for each Console, unless [WithToken] sets it.
//
// The console accepts requests for loopback hosts and those of [WithHosts]
// only, so that no web page can reach it under another name (DNS rebinding).
// Requests from a page of another origin are refused, nothing can be framed,
// and the page runs no scripts but its own. A console that other machines can
// reach needs [AllowRemoteClients] and a token you choose.
//
// # Secrets
//
// Auth tokens, the Authorization header, card numbers, security codes, the
// digits of any other entry, payment tokens and confirmation codes are never
// shown, streamed or exported. The last digits of a number are shown, as in
// callbacks. What the application itself sends in Parameter, Description and its
// URLs is shown unchanged.
//
// # Limits
//
// A console has at most 16 viewers ([WithMaxViewers]) and drops one that does not
// read for ten seconds. A command has at most 64 KiB. A list has at most 2000
// entries, a snapshot the newest 1000 calls, sessions and charges, and an export
// at most 50,000 entries. Commands are limited to 50 a second, in bursts of 100.
package console
