package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// Mount the console beside your own pages. Open the address that URL returns in a
// browser.
func ExampleNew() {
	srv, err := paymentstest.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	page, err := console.New(srv)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer page.Close()

	mux := http.NewServeMux()
	mux.Handle("/console/", http.StripPrefix("/console", page))
	web := httptest.NewServer(mux)
	defer web.Close()
	address := page.URL(web.URL + "/console/")

	// A program sends the token as a bearer token.
	req, err := http.NewRequest(http.MethodPost, web.URL+"/console/console-api/sample", strings.NewReader("{}")) //nolint:noctx // an example
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+page.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, strings.Contains(address, "/console/#token="))
	fmt.Println(len(srv.Requests()), "requests, the caller is asked for", asked(srv))
	// Output:
	// 201 Created true
	// 2 requests, the caller is asked for payment-card-number
}

func asked(srv *paymentstest.Server) string {
	for _, call := range srv.Snapshot().Calls {
		if call.Prompt != nil {
			return string(call.Prompt.Capture)
		}
	}
	return "nothing"
}
