package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/otelpay"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// telemetry has the options that measure a process. Without -metrics it is empty.
type telemetry struct {
	client  []payments.Option
	handler []callback.Option
	flow    []flow.Option
}

// measure serves the metrics of this process for Prometheus at addr until ctx is
// done. With an empty addr it measures nothing.
func measure(ctx context.Context, addr string, out io.Writer) (telemetry, error) {
	if addr == "" {
		return telemetry{}, nil
	}
	exporter, err := prometheus.New()
	if err != nil {
		return telemetry{}, err
	}
	pay, err := otelpay.New(otelpay.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter))))
	if err != nil {
		return telemetry{}, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return telemetry{}, fmt.Errorf("-metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.Handler())
	server := newServer(mux, 30*time.Second)
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(l) }()
	fmt.Fprintf(out, "metrics at http://%s/metrics\n", l.Addr())
	return telemetry{[]payments.Option{pay.Client()}, []callback.Option{pay.Handler()}, []flow.Option{pay.Flow()}}, nil
}
