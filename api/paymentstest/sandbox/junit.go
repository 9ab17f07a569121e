package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

// The parts of JUnit's XML that CI systems read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (s *junitSuite) add(name string, failure *junitFailure) {
	s.Tests++
	if failure != nil {
		s.Failures++
	}
	s.Cases = append(s.Cases, junitCase{s.Name, name, "0", failure})
}

// suiteOf returns a scenario as a suite, with a test for each of its checks.
func suiteOf(r *scenario.Report) junitSuite {
	s := junitSuite{Name: r.Scenario, Time: seconds(r.Took)}
	for _, c := range r.Checks {
		if c.Passed {
			s.add(c.Name, nil)
			continue
		}
		s.add(c.Name, &junitFailure{c.Name + " not as expected", c.String()})
	}
	return s
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// writeJUnit writes reports to a file. The command, if any, becomes a test of the
// first suite.
func writeJUnit(file string, reports []*scenario.Report, command *commandOutcome) error {
	var all junitSuites
	for i, r := range reports {
		s := suiteOf(r)
		if i == 0 && command != nil {
			s.Time = seconds(command.took)
			s.add("command", command.failure())
		}
		all.Tests, all.Failures = all.Tests+s.Tests, all.Failures+s.Failures
		all.Suites = append(all.Suites, s)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	text = append(append([]byte(xml.Header), text...), '\n')
	if err := os.WriteFile(filepath.Clean(file), text, 0o644); err != nil { // #nosec G306 -- CI systems read it as another user
		return fmt.Errorf("-junit: %w", err)
	}
	return nil
}
