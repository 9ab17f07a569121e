//go:build unix

package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startExec starts an application with sandbox exec and returns its first line.
func startExec(t *testing.T, app string) (*exec.Cmd, string) {
	t.Helper()
	cmd, _, _ := sandboxExec(t, nil, app)
	cmd.Stdout = nil
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line)
}

// isGone waits until the process that a line names has ended, and reports whether it
// has.
func isGone(t *testing.T, line string) bool {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimPrefix(line, "child "))
	if err != nil {
		t.Fatalf("printed %q", line)
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil || isZombie(pid) {
			return true
		}
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	return false
}

// isZombie reports whether a process has ended but is not yet reaped. In a container
// there may be no init process to reap it.
func isZombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

// TestSignalsEndEverything: a signal ends the command and its child processes.
func TestSignalsEndEverything(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			cmd, line := startExec(t, "start-and-sleep")
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != 128+int(s) {
				t.Errorf("exit %d, want %d", got, 128+int(s))
			}
			if !isGone(t, line) {
				t.Error("the child process still runs")
			}
		})
	}
}

// TestSecondSignalKills: a second signal kills a command that ignores the first.
func TestSecondSignalKills(t *testing.T) {
	t.Parallel()
	cmd, _ := startExec(t, "stubborn")
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	for {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Log(err) // it has just ended
		}
		select {
		case <-ended:
			if got := cmd.ProcessState.ExitCode(); got != 128+int(syscall.SIGKILL) {
				t.Errorf("exit %d, want %d", got, 128+int(syscall.SIGKILL))
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// TestChildrenEndWithCommand: child processes end with the command.
func TestChildrenEndWithCommand(t *testing.T) {
	t.Parallel()
	cmd, line := startExec(t, "start")
	_ = cmd.Wait()
	if !isGone(t, line) {
		t.Error("the child process still runs")
	}
}

// TestGroupGetsSignal: the signal reaches the child of a command that ignores the
// signal and waits for its child, as package managers do.
func TestGroupGetsSignal(t *testing.T) {
	t.Parallel()
	cmd, line := startExec(t, "wait-for-child")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 5 || !isGone(t, line) {
		t.Errorf("exit %d, want 5", got)
	}
}

// TestSignalsEndServeAndRun: a signal ends serve while a viewer is connected, and run
// in the middle of a scenario, which then does not pass.
func TestSignalsEndServeAndRun(t *testing.T) {
	t.Parallel()
	long := writeFile(t, "long.json", `{"steps": ["create", "wait 1h"]}`)
	for name, tt := range map[string]struct {
		args   []string
		until  string
		status int
		stderr string
	}{
		"serve": {[]string{"serve", "-json", "-addr", "127.0.0.1:0"}, `"msg":"serving"`, 0, ""},
		"run":   {[]string{"run", "star", long}, "ok      star", 1, "sandbox: long: interrupted\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr printed
			cmd := exec.CommandContext(t.Context(), os.Args[0], tt.args...)
			cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), "RUN_SANDBOX=1"), &stdout, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, &stdout, tt.until)
			if name == "serve" {
				where := records(t, stdout.String())[0]
				base, account, token := where["base_url"].(string), where["account_sid"].(string), where["auth_token"].(string)
				if status := create(t, base, account, token, nil); status != 201 {
					t.Errorf("status %d, want 201", status)
				}
				stream, err := http.Get(base + "/console-api/stream") //nolint:noctx // a viewer that stays connected, accepted or not
				if err != nil {
					t.Fatal(err)
				}
				defer stream.Body.Close()
			}
			began := time.Now()
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != tt.status || stderr.String() != tt.stderr {
				t.Errorf("exit %d, want %d, and said %q", got, tt.status, stderr.String())
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
