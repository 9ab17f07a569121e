package hosturl_test

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "localhost.": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, ".": false, "localhost.example": false, "127.0.0.1.example": false, "128.0.0.1": false, "0.0.0.0": false, "::": false, "[::1]": false, "127.1": false,
	} {
		if got := hosturl.IsLoopback(host); got != want {
			t.Errorf("IsLoopback(%q) = %v, want %v", host, got, want)
		}
	}
}
