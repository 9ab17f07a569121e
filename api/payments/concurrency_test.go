package payments_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Many goroutines share one client, and a call's options never change it.
func TestClientIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	client := newClient(t, s.URL, payments.WithExtraParams(map[string][]string{"Always": {"1"}}))
	var group sync.WaitGroup
	for worker := range 64 {
		group.Go(func() {
			for i := range 10 {
				info := payments.ResponseInfo{}
				opts := [][]payments.Option{
					{},
					{payments.WithAccount(otherAccount), payments.WithMaxRetries(worker)},
					{payments.WithCredentials(otherAccount, "other"), payments.WithAttemptTimeout(time.Minute)},
					{payments.WithUserAgent("other/1"), payments.WithResponseInfo(&info), payments.WithLogger(slog.New(slog.DiscardHandler))},
					{payments.WithExtraParams(map[string][]string{"Once": {"1"}}), payments.WithoutValidation()},
					{payments.WithHTTPClient(&http.Client{Transport: http.DefaultTransport}), payments.WithRetryComplete()},
				}[(worker+i)%6]
				for name, operate := range operations {
					if _, err := operate(context.Background(), client, opts...); err != nil {
						t.Error(name, err)
					}
				}
			}
		})
	}
	group.Wait()
	before := len(s.all())
	if before != 64*10*len(operations) {
		t.Errorf("%d requests", before)
	}
	if _, err := operations["create"](context.Background(), client); err != nil {
		t.Fatal(err)
	}
	last := s.all()[before]
	user, password, _ := (&http.Request{Header: last.Header}).BasicAuth()
	if user != accountSID || password != authToken || !strings.Contains(last.Path, accountSID) || last.Form.Get("Once") != "" ||
		last.Form.Get("Always") != "1" || strings.Contains(last.Header.Get("User-Agent"), "other") {
		t.Errorf("a call's options changed the client: %+v", last)
	}
}
