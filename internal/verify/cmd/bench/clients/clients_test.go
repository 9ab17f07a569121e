package clients_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
)

// recorder keeps the last request.
type recorder struct {
	request *http.Request
	body    string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.request, r.body = req, string(body)
	return clients.Transport{}.RoundTrip(req)
}

// All clients send the same method, URL, credentials and form.
func TestAllClientsSendTheSame(t *testing.T) {
	t.Parallel()
	record := new(recorder)
	all, err := clients.InProcess(record)
	if err != nil {
		t.Fatal(err)
	}
	want, err := url.ParseQuery(clients.Encoded)
	if err != nil || len(want) != 11 {
		t.Fatalf("%d parameters, want 11; %v", len(want), err)
	}
	for _, client := range all {
		if err := client.Create(t.Context()); err != nil {
			t.Errorf("%s: %v", client.Name, err)
			continue
		}
		got, err := url.ParseQuery(record.body)
		if err != nil {
			t.Errorf("%s: %v", client.Name, err)
		}
		if client.Name == clients.Ours {
			if key := got.Get("IdempotencyKey"); len(key) != len(clients.Key) || key == clients.Key {
				t.Errorf("%s: key %q, want a fresh one as long as the others'", client.Name, key)
			}
			got.Set("IdempotencyKey", clients.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: form (-want +got):\n%s", client.Name, diff)
		}
		user, password, _ := record.request.BasicAuth()
		line := []string{record.request.Method, record.request.URL.String(), user, password, record.request.Header.Get("Content-Type")}
		if diff := cmp.Diff([]string{
			http.MethodPost,
			"https://api.twilio.com/2010-04-01/Accounts/" + clients.AccountSID + "/Calls/" + clients.CallSID + "/Payments.json",
			clients.AccountSID, clients.AuthToken, "application/x-www-form-urlencoded",
		}, line); diff != "" {
			t.Errorf("%s: request (-want +got):\n%s", client.Name, diff)
		}
	}
}

func TestLoopbackClientsReachTheServer(t *testing.T) {
	t.Parallel()
	server, err := clients.NewServer(clients.Session)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	all, err := clients.Loopback(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	for i, client := range all {
		for range 3 {
			if err := client.Create(context.Background()); err != nil {
				t.Errorf("%s: %v", client.Name, err)
			}
		}
		if got := server.Connections(); got != i+1 {
			t.Errorf("%d connections after %d clients, one after the other", got, i+1)
		}
	}
}
