package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
)

// The buses that the processes can share.
const (
	overNATS       = "nats"
	overPostgreSQL = "postgres"
)

// connect returns the bus that the processes share, and a function that disconnects.
func connect(ctx context.Context, kind string) (flow.Bus, func(), error) {
	var key []byte
	if text := os.Getenv("PAY_KEY"); text != "" {
		var err error
		if key, err = hex.DecodeString(text); err != nil {
			return nil, nil, errors.New("PAY_KEY must be hexadecimal")
		}
	}
	if kind == overPostgreSQL {
		return connectPostgreSQL(ctx, key)
	}
	return connectNATS(ctx, key)
}

func connectNATS(ctx context.Context, key []byte) (flow.Bus, func(), error) {
	nc, err := natsbus.Connect(os.Getenv("NATS_URL"))
	if err != nil {
		return nil, nil, err
	}
	var opts []natsbus.Option
	if key != nil {
		opts = append(opts, natsbus.WithKey(key))
	}
	bus, err := natsbus.New(ctx, nc, opts...)
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return bus, nc.Close, nil
}

func connectPostgreSQL(ctx context.Context, key []byte) (flow.Bus, func(), error) {
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return nil, nil, err
	}
	opts := []pgbus.Option{pgbus.WithSchema(schema())}
	if key != nil {
		opts = append(opts, pgbus.WithKey(key))
	}
	bus, err := pgbus.New(ctx, pool, opts...)
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return bus, func() { _ = bus.Close(); pool.Close() }, nil
}

// migrate creates or updates the tables. A deployment runs it before it starts the
// processes.
func migrate(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer pool.Close()
	return pgbus.Migrate(ctx, pool, pgbus.WithSchema(schema()))
}

func schema() string { return cmp.Or(os.Getenv("PAY_SCHEMA"), "agentdesk") }
