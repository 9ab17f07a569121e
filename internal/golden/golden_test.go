package golden

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

var rewrite = flag.Bool("update", false, "write the requests that the client sends to the golden files")

// The client sends exactly the requests in the files.
func TestRequestsAreUnchanged(t *testing.T) {
	t.Parallel()
	want, err := Requests()
	if err != nil {
		t.Fatal(err)
	}
	cases := Cases()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			got := text(sent(t, c))
			if *rewrite {
				if err := os.WriteFile(filepath.Join("testdata", c.Name+".http"), []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(text(want[c.Name]), got); diff != "" {
				t.Errorf("the request differs from the file (- file, + sent):\n%s", diff)
			}
		})
	}
	for name := range want {
		switch known := slices.ContainsFunc(cases, func(c Case) bool { return c.Name == name }); {
		case known:
		case *rewrite:
			if err := os.Remove(filepath.Join("testdata", name+".http")); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("%s.http belongs to no case", name)
		}
	}
}

// sent returns the request that a case sends.
func sent(t *testing.T, c Case) Request {
	t.Helper()
	var got []Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, Request{Method: r.Method, Target: r.RequestURI, Header: r.Header, Body: string(body)})
		w.Header().Set("Content-Type", "application/json")
		status := http.StatusCreated
		if strings.Contains(r.RequestURI, "/Payments/") {
			status = http.StatusAccepted
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"sid":"`+SID+`"}`)
	}))
	defer server.Close()
	client, err := payments.NewClient(payments.WithCredentials(Account, Token), payments.WithBaseURL(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Do(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("%d requests, want 1", len(got))
	}
	return got[0]
}

// The full request sets every field of the contract.
func TestFullRequestIsFull(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(Full())
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s is not set", v.Type().Field(i).Name)
		}
	}
}
