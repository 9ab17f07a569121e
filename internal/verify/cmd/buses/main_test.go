package main

import (
	"os"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// TestMain runs the NATS server when the program has started itself as one.
func TestMain(m *testing.M) {
	if serveNATS() {
		return
	}
	os.Exit(pgserver.Main(m))
}

// Every bus is measured, with hardly any work.
func TestEveryBusIsMeasured(t *testing.T) {
	pgserver.Shared(t) // or skip
	var out strings.Builder
	if err := run(&out, 2, 20, 5, 10); err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(out.String()), "\n")[2:]
	if len(rows) != len(buses) {
		t.Fatalf("%d rows, want %d:\n%s", len(rows), len(buses), out.String())
	}
	for i, row := range rows {
		if cells := strings.Split(row, "|"); len(cells) != 8 || !strings.Contains(cells[1], buses[i].name) || strings.Contains(row, " 0 ") {
			t.Errorf("row %s", row)
		}
	}
}
