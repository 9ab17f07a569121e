//go:build !unix

package main

import (
	"os"
	"os/exec"
	"time"
)

// Without process groups, an interrupt ends the command but not its children.

var forwarded = []os.Signal{os.Interrupt}

func ends(os.Signal) bool                     { return true }
func fromTerminal(os.Signal) bool             { return true }
func ownGroup(*exec.Cmd)                      {}
func signalGroup(p *os.Process, _ os.Signal)  { _ = p.Kill() }
func killGroup(p *os.Process)                 { _ = p.Kill() }
func clearGroup(*os.Process, time.Duration)   {}
func signalOf(*os.ProcessState) (int, string) { return 0, "" }
