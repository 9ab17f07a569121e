// Package gateways_test takes payments whose callbacks arrive through AWS
// gateways: each delivery is converted to the gateway's event, and AWS's
// adapter converts the event to a request.
package gateways_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

const host = "pay.example.com"

// response is the response to each of the three kinds of events.
type response struct {
	StatusCode int    `json:"statusCode"`
	Body       string `json:"body"`
}

// through serves deliveries as a gateway with the adapter behind it does.
func through(t *testing.T, invoke func(ctx context.Context, r *http.Request, body string) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, err := invoke(r.Context(), r, string(body))
		if err != nil {
			t.Error(err)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Error(err)
		}
		var reply response
		if err := json.Unmarshal(text, &reply); err != nil {
			t.Error(err)
		}
		w.WriteHeader(reply.StatusCode)
		_, _ = io.WriteString(w, reply.Body)
	})
}

// decoded is the query as the REST gateway passes it on: a map, unescaped.
func decoded(r *http.Request) map[string][]string { return r.URL.Query() }

// escaped is the query as the load balancer passes it on: a map, still escaped.
func escaped(r *http.Request) map[string][]string {
	query := map[string][]string{}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		query[name] = append(query[name], value)
	}
	return query
}

// once removes the escaping that the adapter added, and keeps flow's parameter
// in its place.
func once(r *http.Request) string {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil {
		return ""
	}
	return "https://" + host + r.URL.EscapedPath() + "?" + query
}

func TestPaymentsThroughGateways(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query   string
		option  callback.Option
		gateway func(t *testing.T, h http.Handler) http.Handler
	}{
		"REST gateway": {"?order=7%2F8", callback.WithPublicURL("https://" + host), func(t *testing.T, h http.Handler) http.Handler {
			adapter := httpadapter.New(h)
			return through(t, func(ctx context.Context, r *http.Request, body string) (any, error) {
				return adapter.ProxyWithContext(ctx, events.APIGatewayProxyRequest{
					HTTPMethod: r.Method, Path: r.URL.Path, MultiValueHeaders: r.Header, MultiValueQueryStringParameters: decoded(r), Body: body,
					RequestContext: events.APIGatewayProxyRequestContext{DomainName: "abc.execute-api.eu-central-1.amazonaws.com"},
				})
			})
		}},
		"HTTP gateway": {"?order=7%2F8&shop=berlin", callback.WithPublicURL("https://" + host), func(t *testing.T, h http.Handler) http.Handler {
			adapter := httpadapter.NewV2(h)
			return through(t, func(ctx context.Context, r *http.Request, body string) (any, error) {
				headers := map[string]string{}
				for name := range r.Header {
					headers[strings.ToLower(name)] = r.Header.Get(name)
				}
				event := events.APIGatewayV2HTTPRequest{RawPath: r.URL.EscapedPath(), RawQueryString: r.URL.RawQuery, Headers: headers, Body: body}
				event.RequestContext.HTTP.Method, event.RequestContext.HTTP.Path = r.Method, r.URL.Path
				event.RequestContext.DomainName = host
				return adapter.ProxyWithContext(ctx, event)
			})
		}},
		"load balancer": {"?order=7%2F8", callback.WithPublicURLFunc(once), func(t *testing.T, h http.Handler) http.Handler {
			adapter := httpadapter.NewALB(h)
			return through(t, func(ctx context.Context, r *http.Request, body string) (any, error) {
				return adapter.ProxyWithContext(ctx, events.ALBTargetGroupRequest{
					HTTPMethod: r.Method, Path: r.URL.Path, MultiValueHeaders: r.Header, MultiValueQueryStringParameters: escaped(r), Body: body,
					Headers: map[string]string{"host": "internal-lb-1.elb.amazonaws.com"},
				})
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
			client, err := payments.NewClient(srv.ClientOptions()...)
			if err != nil {
				t.Fatal(err)
			}
			bus, err := flow.NewMemory()
			if err != nil {
				t.Fatal(err)
			}
			handler, err := flow.Handler(bus, callback.WithAuthTokens(srv.AuthToken()), c.option)
			if err != nil {
				t.Fatal(err)
			}
			if err := srv.Handle("https://"+host+"/status", c.gateway(t, handler)); err != nil {
				t.Fatal(err)
			}
			f, err := flow.Start(t.Context(), client, bus, srv.NewCall().SID, payments.CreateParams{
				StatusCallback: "https://" + host + "/status" + c.query, ChargeAmount: "49.90", PostalCode: new(false),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			for _, field := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode} {
				if _, err := f.Capture(t.Context(), field); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := f.Complete(t.Context()); err != nil {
				t.Error(err)
			}
			accepted := 0
			for _, cb := range srv.Callbacks() {
				for _, a := range cb.Attempts {
					if a.Status != http.StatusNoContent {
						t.Errorf("a callback got status %d, want %d; %v", a.Status, http.StatusNoContent, a.Err)
					}
					accepted++
				}
			}
			if accepted < 20 { // the adapter puts two values in random order
				t.Errorf("%d deliveries", accepted)
			}
			t.Logf("%d callbacks accepted", accepted)
		})
	}
}
