//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// forwarded are the signals that are passed on.
var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2}

// ends reports whether a signal asks a program to end.
func ends(s os.Signal) bool { return s != syscall.SIGUSR1 && s != syscall.SIGUSR2 }

// fromTerminal reports whether a terminal sends a signal to all it controls.
func fromTerminal(s os.Signal) bool { return s == syscall.SIGINT || s == syscall.SIGQUIT }

func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func signalGroup(p *os.Process, s os.Signal) {
	if number, ok := s.(syscall.Signal); ok {
		_ = syscall.Kill(-p.Pid, number)
	}
}

func killGroup(p *os.Process) {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
	_ = p.Kill()
}

// clearGroup ends what is left of a group whose first process has ended: it is
// asked to, and killed when it has not after the grace period.
func clearGroup(p *os.Process, grace time.Duration) {
	if syscall.Kill(-p.Pid, syscall.SIGTERM) != nil {
		return // nothing is left
	}
	for end := time.Now().Add(grace); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(-p.Pid, 0) != nil {
			return
		}
	}
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
}

// signalOf is the signal that has ended a process, zero for none.
func signalOf(state *os.ProcessState) (int, string) {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return int(status.Signal()), status.Signal().String()
	}
	return 0, ""
}
