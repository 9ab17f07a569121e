package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"time"
)

// Grace periods: of the command after a signal, and of its child processes after the
// command has ended.
const (
	grace      = 10 * time.Second
	childGrace = 2 * time.Second
)

// runCommand runs a command in its own process group, forwards signals to the group,
// and ends every process of it. A second signal, or the end of the grace period after
// the first, kills the group.
//
// At a terminal the command stays in the group of this program, so that it can read
// from the terminal and be suspended. The terminal then sends an interrupt to both,
// so it is not forwarded.
func runCommand(command, env []string, stdout, stderr *os.File) (commandOutcome, error) {
	cmd := exec.Command(command[0], command[1:]...) // #nosec G204 -- the user gives the command to run
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, os.Stdin, stdout, stderr
	shared := isTerminal(os.Stdin)
	if !shared {
		ownGroup(cmd)
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, forwarded...)
	defer signal.Stop(signals)
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return commandOutcome{}, notStarted(command[0], err, stderr)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var tooLate <-chan time.Time
	for {
		select {
		case s := <-signals:
			switch {
			case !shared && tooLate != nil && ends(s):
				killGroup(cmd.Process)
			case !shared:
				signalGroup(cmd.Process, s)
			case !fromTerminal(s):
				_ = cmd.Process.Signal(s)
			}
			if tooLate == nil && ends(s) {
				tooLate = time.After(grace)
			}
		case <-tooLate:
			killGroup(cmd.Process)
		case err := <-ended:
			if !shared {
				clearGroup(cmd.Process, childGrace)
			}
			return outcomeOf(command[0], cmd.ProcessState, err, time.Since(start))
		}
	}
}

// isTerminal reports whether a file is a terminal: a character device other than the
// null device.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

func outcomeOf(name string, state *os.ProcessState, err error, took time.Duration) (commandOutcome, error) {
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return commandOutcome{}, err
	}
	o := commandOutcome{name: name, status: state.ExitCode(), took: took}
	if number, text := signalOf(state); number > 0 {
		o.status, o.signal = 128+number, text
	}
	return o, nil
}
