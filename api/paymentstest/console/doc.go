// Package console serves a page on which a simulated payment can be seen and
// played: the caller's telephone, a time line of requests, keys and callbacks,
// the wire of each, and switches that break things. It is an [http.Handler] over
// a [paymentstest.Server], with a JSON API, one event stream and the page's
// files, and depends on the standard library and this module alone.
//
//	srv, err := paymentstest.Start()
//	…
//	page, err := console.New(srv)
//	…
//	srv.ServeOther(page)
//	fmt.Println(page.URL(srv.URL))
//
// It can be mounted elsewhere, under any prefix that ends in a slash:
//
//	mux.Handle("/console/", http.StripPrefix("/console", page))
//
// The program api/paymentstest/sandbox serves it at its address.
//
// # API
//
// Everything the page does is done by the API below console-api/, which is
// described by the OpenAPI document console-api/openapi.json, and for people by
// api.html. Reads are GETs, commands are POSTs of a JSON object. An error is
// {"error":{"code":…,"message":…}}. The stream console-api/stream is server-sent
// events: a snapshot, then the entries of the server's journal with their numbers
// as ids, so that a client that lost the connection goes on where it was.
//
// # Who may use it
//
// Whoever has the token: [Console.URL] has it in the fragment, which browsers do
// not send. The page exchanges it for a cookie that scripts cannot read and that
// other sites cannot send; programs send it as a bearer token. It is random for
// each Console, unless [WithToken] chooses it.
//
// Requests are taken for loopback hosts only, and those of [WithHosts], so that no
// web page can reach the console by a name of its own (DNS rebinding). What a page
// of another origin sends is refused, nothing can be framed, and the page runs no
// script but its own. A console that other machines reach needs
// [AllowRemoteClients] and a chosen token.
//
// # Secrets
//
// Auth tokens, the Authorization header, card numbers, security codes, the digits
// of any other entry, payment tokens and confirmation codes are neither shown nor
// streamed nor exported. Of numbers the last digits show, as in callbacks. What the
// application itself sends in Parameter, Description and its URLs is shown.
//
// # Limits
//
// A console has at most 16 viewers ([WithMaxViewers]); one that does not read is
// dropped after ten seconds. A command is at most 64 KiB long. A list has at most
// 2000 entries, a snapshot the newest 1000 calls, sessions and charges, and an
// export 50,000 entries. 50 commands a second are taken, 100 at once.
package console
