//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// forwarded are the signals that the command receives too.
var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2}

// ends reports whether a signal asks a program to terminate.
func ends(s os.Signal) bool { return s != syscall.SIGUSR1 && s != syscall.SIGUSR2 }

// fromTerminal reports whether a terminal sends a signal to its whole foreground
// process group.
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

// clearGroup ends the remaining processes of a group whose first process has ended:
// with SIGTERM, and after the grace period with SIGKILL.
func clearGroup(p *os.Process, grace time.Duration) {
	if syscall.Kill(-p.Pid, syscall.SIGTERM) != nil {
		return // the group is empty
	}
	for end := time.Now().Add(grace); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(-p.Pid, 0) != nil {
			return
		}
	}
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
}

// signalOf returns the signal that has ended a process, or zero.
func signalOf(state *os.ProcessState) (int, string) {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return int(status.Signal()), status.Signal().String()
	}
	return 0, ""
}
