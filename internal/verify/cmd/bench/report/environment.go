package report

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"
)

// Command is the command that reproduces the results.
const Command = "make bench"

// The keys of the environment.
const (
	keyDate     = "date"
	keyMachine  = "cpu"
	keyGo       = "go"
	keyOfficial = "twilio-go"
	keyCommand  = "command"
)

// Environment is what the results depend on.
func Environment() []benchfmt.Config {
	pairs := [][2]string{
		{keyDate, time.Now().UTC().Format(time.DateOnly)},
		{keyMachine, fmt.Sprintf("%s, %d processors, %s/%s", processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)},
		{keyGo, strings.TrimPrefix(runtime.Version(), "go")},
		{keyOfficial, moduleVersion("github.com/twilio/twilio-go")},
		{keyCommand, Command},
	}
	config := make([]benchfmt.Config, len(pairs))
	for i, p := range pairs {
		config[i] = benchfmt.Config{Key: p[0], Value: []byte(p[1]), File: true}
	}
	return config
}

// processor names the processor on Linux, and its architecture elsewhere.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// moduleVersion is the version of a module this program was built with.
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return strings.TrimPrefix(m.Version, "v")
			}
		}
	}
	return "unknown"
}
