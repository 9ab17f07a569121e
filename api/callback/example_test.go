package callback_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// A handler, and a test of it: callback.Sign signs a delivery as Twilio does.
func ExampleNewHandler() {
	h, err := callback.NewHandler(func(_ context.Context, e callback.Event) error {
		switch {
		case e.Succeeded():
			fmt.Println("paid with the card ending in", e.CardLast4())
		case e.Retryable():
			fmt.Println("ask again:", e.ErrorType)
		}
		return nil
	}, callback.WithAuthTokens("my auth token"), callback.WithPublicURL("https://pay.example.com"))
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()

	deliver := func(form url.Values) {
		form.Set("AccountSid", "AC0123456789abcdef0123456789abcdef")
		form.Set("CallSid", "CA0123456789abcdef0123456789abcdef")
		form.Set("Sid", "PK0123456789abcdef0123456789abcdef")
		r, _ := http.NewRequest(http.MethodPost, server.URL+"/status", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", callback.Sign("my auth token", "https://pay.example.com/status", form))
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			panic(err)
		}
		_ = resp.Body.Close()
		fmt.Println(resp.Status)
	}
	deliver(url.Values{"Capture": {"payment-card-number"}, "ErrorType": {"invalid-card-number"}})
	deliver(url.Values{"Result": {"success"}, "PaymentCardNumber": {"xxxxxxxxxxxx1111"}})
	// Output:
	// ask again: invalid-card-number
	// 204 No Content
	// paid with the card ending in 1111
	// 204 No Content
}

// AWS API Gateway (REST) passes the query to a Lambda function as a map, so its
// order is lost. StatusCallback here is
// "https://pay.example.com/status?shop=berlin&order=7": the function restores that
// order, followed by the parameters that the SDK added.
func ExampleWithPublicURLFunc() {
	inOrder := func(r *http.Request) string {
		query := ""
		rest := strings.Split(r.URL.RawQuery, "&")
		for _, name := range []string{"shop", "order"} {
			if i := slices.IndexFunc(rest, func(pair string) bool { return strings.HasPrefix(pair, name+"=") }); i >= 0 {
				query += "&" + rest[i]
				rest = slices.Delete(rest, i, i+1)
			}
		}
		query = strings.TrimPrefix(strings.Join(append([]string{query}, rest...), "&"), "&")
		return "https://pay.example.com" + r.URL.EscapedPath() + "?" + query
	}
	deliver("?order=7&shop=berlin", "?shop=berlin&order=7", callback.WithPublicURLFunc(inOrder))
	// Output: 204 No Content
}

// An AWS Application Load Balancer passes the query to a Lambda function escaped,
// and an adapter escapes it again: "%2F" arrives as "%252F". The function undoes
// one level of escapes.
func ExampleWithPublicURLFunc_loadBalancer() {
	once := func(r *http.Request) string {
		query, err := url.QueryUnescape(r.URL.RawQuery)
		if err != nil {
			return "" // matches no signature
		}
		return "https://pay.example.com" + r.URL.EscapedPath() + "?" + query
	}
	deliver("?order=7%252F8", "?order=7%2F8", callback.WithPublicURLFunc(once))
	// Output: 204 No Content
}

// deliver posts a callback whose query arrives differently from how it was signed,
// and prints the status.
func deliver(arrives, signed string, opt callback.Option) {
	h, err := callback.NewHandler(func(context.Context, callback.Event) error { return nil }, callback.WithAuthTokens("my auth token"), opt)
	if err != nil {
		panic(err)
	}
	form := url.Values{
		"AccountSid": {"AC0123456789abcdef0123456789abcdef"}, "CallSid": {"CA0123456789abcdef0123456789abcdef"},
		"Sid": {"PK0123456789abcdef0123456789abcdef"}, "Capture": {"security-code"},
	}
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.7/status"+arrives, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", callback.Sign("my auth token", "https://pay.example.com/status"+signed, form))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Result().Status)
}

// The middleware protects Twilio's other webhooks.
func ExampleVerify() {
	verify, err := callback.Verify(callback.WithAuthTokens("my auth token"), callback.WithPublicURL("https://voice.example.com"))
	if err != nil {
		panic(err)
	}
	http.Handle("POST /voice", verify(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "<Response><Say>Hello %s</Say></Response>", r.PostFormValue("From"))
	})))
}

// A State accepts the events of a session in any order.
func ExampleState() {
	late := url.Values{"Sid": {"PK1"}, "Capture": {"security-code"}, "PartialResult": {"true"}, "Required": {"security-code"},
		"DateUpdated": {"2026-04-14T10:00:01.000Z"}}
	done := url.Values{"Sid": {"PK1"}, "Capture": {"security-code"}, "Required": {""},
		"DateUpdated": {"2026-04-14T10:00:05.000Z"}}
	var s callback.State
	for _, form := range []url.Values{done, late, done} {
		e, err := callback.Parse(form)
		if err != nil {
			panic(err)
		}
		if err := s.Apply(e); err != nil {
			panic(err)
		}
		fmt.Println(s.Captured(), s.Missing(), s.CanComplete())
	}
	// Output:
	// [security-code] [] true
	// [security-code] [] true
	// [security-code] [] true
}

// An event can be printed safely.
func ExampleEvent() {
	e, err := callback.Parse(url.Values{"Sid": {"PK1"}, "Result": {"success"}, "PaymentToken": {"tok_secret"}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%+v\n", e)
	fmt.Println(e.PaymentToken.Reveal())
	// Output:
	// event{kind=completed session=PK1 result=success}
	// tok_secret
}

// The error has Twilio's code and the gateway's own.
func ExampleEvent_Err() {
	e, err := callback.Parse(url.Values{"Sid": {"PK1"}, "Result": {"payment-connector-error"},
		"PayErrorCode": {"64008"}, "ConnectorError": {"insufficient_funds"}})
	if err != nil {
		panic(err)
	}
	if failure, ok := errors.AsType[*callback.PaymentError](e.Err()); ok {
		fmt.Println(failure)
		fmt.Println(failure.Code, failure.ConnectorError())
	}
	// Output:
	// payment failed: payment-connector-error, code 64008
	// 64008 insufficient_funds
}
