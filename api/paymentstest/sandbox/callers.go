package main

import (
	"context"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// callerNames are the people -caller can put on the phone.
func callerNames() []string {
	var names []string
	for _, s := range console.Scripts() {
		names = append(names, s.Name)
	}
	return names
}

// answer is one of them, who lets pace pass before each key until ctx ends. The
// name was checked with the flags.
func answer(ctx context.Context, name string, pace time.Duration) paymentstest.Caller {
	caller, err := console.Caller(ctx, name, pace)
	if err != nil {
		panic(err)
	}
	return caller
}
