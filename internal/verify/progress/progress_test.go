package progress

import (
	"testing"
	"time"
)

func TestStep(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	r := start(154, func() time.Time { return now })
	for _, tt := range []struct {
		took time.Duration
		want string
	}{
		{10 * time.Second, "[  1/154] 26m left"}, // 153 more of 10 s
		{0, "[  2/154] 13m left"},
		{0, "[  3/154] 8m23s left"},
	} {
		now = now.Add(tt.took)
		if got := r.Step(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	for range 150 {
		r.Step()
	}
	if got := r.Step(); got != "[154/154]" {
		t.Errorf("at the end: %q, want \"[154/154]\"", got)
	}
	now = time.Unix(0, 0)
	r = start(2, func() time.Time { return now })
	now = now.Add(5 * time.Second)
	if got := r.Step(); got != "[1/2] 5s left" {
		t.Errorf("half way: %q, want \"[1/2] 5s left\"", got)
	}
}
