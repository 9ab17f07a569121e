package main

import (
	"context"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// callerNames returns the values of -caller.
func callerNames() []string {
	var names []string
	for _, s := range console.Scripts() {
		names = append(names, s.Name)
	}
	return names
}

// caller returns the scripted caller with a name, which the flags have checked. It
// waits for pace before each key and stops when ctx is done.
func caller(ctx context.Context, name string, pace time.Duration) paymentstest.Caller {
	c, err := console.Caller(ctx, name, pace)
	if err != nil {
		panic(err)
	}
	return c
}
