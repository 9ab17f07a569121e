package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// make drift exits with the report's status, however it is called, and prints
// only the report. make by itself exits only with 0 or 2.
func TestMakeExitsWithTheStatus(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("needs make")
	}
	dir := t.TempDir()
	makefile, err := os.ReadFile("../../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, ".ci"), 0o700),
		os.WriteFile(filepath.Join(dir, "Makefile"), makefile, 0o600),
		os.WriteFile(filepath.Join(dir, ".ci", "with-upstream"), []byte("#!/bin/sh\necho report as \"$FORMAT\" of \"$UPSTREAM\"\nexit \"$STATUS\"\n"), 0o700)); err != nil { // #nosec G306 -- a program
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status []int // of make for the report's 0, 1 and 2
	}{
		{"drift", []int{0, 1, 2}},
		{"-s drift", []int{0, 1, 2}},
		{"--no-print-directory drift", []int{0, 1, 2}},
		{"-j2 drift UPSTREAM=a FORMAT=json", []int{0, 1, 2}},
		{"-s help drift", []int{0, 2, 2}},
	} {
		for status, want := range c.status {
			t.Run(fmt.Sprintf("%s of %d", c.args, status), func(t *testing.T) {
				t.Parallel()
				command := exec.CommandContext(t.Context(), "make", strings.Fields(c.args)...)
				command.Dir = dir
				command.Env = append(os.Environ(), fmt.Sprint("STATUS=", status), "MAKEFLAGS=", "MAKELEVEL=0", "TMPDIR="+t.TempDir(), "UPSTREAM=", "FORMAT=")
				out, _ := command.Output()
				if got := command.ProcessState.ExitCode(); got != want {
					t.Errorf("exit status %d, want %d", got, want)
				}
				report := "report as  of \n"
				if strings.Contains(c.args, "FORMAT=json") {
					report = "report as json of a\n"
				}
				if !strings.HasSuffix(string(out), report) || !strings.Contains(c.args, "help") && string(out) != report {
					t.Errorf("printed %q", out)
				}
			})
		}
	}
}
