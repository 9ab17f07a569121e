package report

// The units of the results, as the benchmark format's tools expect them.
const (
	Time       = "sec/op"
	CPU        = "cpu-sec/op" // processor time of the whole process
	Throughput = "ops/sec"
	Bytes      = "B/op"
	Allocs     = "allocs/op"
	Heap       = "heap-B"      // in use after garbage collection
	Routines   = "goroutines"  // running at the end
	Conns      = "connections" // opened in total
)
