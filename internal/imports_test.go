// Package internal_test checks properties of the whole module.
package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/twiliopay/twiliopay-go"

// maxForeign is how many packages of other modules the client may import, directly or
// not.
const maxForeign = 6

// unwanted reports packages that a program which calls Twilio does not need:
// validators, the code generator, YAML, and test kits. Generated code does need the
// generator's small runtime, github.com/oapi-codegen/runtime.
func unwanted(path string) bool {
	for _, prefix := range []string{
		"github.com/getkin/kin-openapi", "github.com/oapi-codegen/oapi-codegen", "github.com/deepmap/oapi-codegen",
		"github.com/google/go-cmp", "github.com/stretchr/", "pgregory.net/", "net/http/httptest", "testing",
		module + "/api/paymentstest", module + "/generated/contract",
		module + "/internal/validator", module + "/internal/spec", module + "/internal/verify",
	} {
		if path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/") {
			return true
		}
	}
	return strings.Contains(path, "yaml")
}

func TestUsersCompileNoTools(t *testing.T) {
	t.Parallel()
	for _, shipped := range []string{module + "/api/payments", module + "/api/callback"} {
		all := dependencies(t, shipped)
		if !slices.ContainsFunc(all, func(p dependency) bool { return p.ImportPath == module+"/generated" }) {
			t.Errorf("%s does not import the generated code: is this the right list of imports?", shipped)
		}
		var foreign []string
		for _, p := range all {
			if unwanted(p.ImportPath) {
				t.Errorf("%s imports %s", shipped, p.ImportPath)
			}
			if !p.Standard && p.ImportPath != module && !strings.HasPrefix(p.ImportPath, module+"/") {
				foreign = append(foreign, p.ImportPath)
			}
		}
		if len(foreign) > maxForeign {
			t.Errorf("%s imports %d packages of other modules, want at most %d: %s",
				shipped, len(foreign), maxForeign, strings.Join(foreign, " "))
		}
	}
}

// A package that imports unwanted packages shows that the check finds them.
func TestUnwantedImportsAreFound(t *testing.T) {
	t.Parallel()
	var found []string
	for _, p := range dependencies(t, module+"/internal/validator") {
		if unwanted(p.ImportPath) {
			found = append(found, p.ImportPath)
		}
	}
	for _, want := range []string{"github.com/getkin/kin-openapi/openapi3", "github.com/oasdiff/yaml"} {
		if !slices.Contains(found, want) {
			t.Errorf("%s is imported by the validator and was not found", want)
		}
	}
}

// TestConsoleHasNoDependencies: besides the simulation's dependencies, the console
// imports only the standard library and this module, and the simulation does not
// import the console.
func TestConsoleHasNoDependencies(t *testing.T) {
	t.Parallel()
	simulation := dependencies(t, module+"/api/paymentstest")
	for _, p := range simulation {
		if p.ImportPath != module+"/api/paymentstest" && strings.HasPrefix(p.ImportPath, module+"/api/paymentstest/") &&
			!strings.HasPrefix(p.ImportPath, module+"/api/paymentstest/internal/") {
			t.Errorf("paymentstest imports %s", p.ImportPath)
		}
	}
	all := dependencies(t, module+"/api/paymentstest/console")
	if len(all) <= len(simulation) {
		t.Fatalf("the console has %d dependencies, the simulation %d", len(all), len(simulation))
	}
	for _, p := range all {
		if !p.Standard && !strings.HasPrefix(p.ImportPath, module+"/") && !slices.Contains(simulation, p) {
			t.Errorf("the console imports %s", p.ImportPath)
		}
		if p.ImportPath == "testing" || p.ImportPath == "net/http/httptest" {
			t.Errorf("the console imports %s", p.ImportPath)
		}
	}
}

type dependency struct {
	ImportPath string
	Standard   bool
}

// dependencies lists a package and all its direct and indirect imports.
func dependencies(t *testing.T, pkg string) []dependency {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard", pkg)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", pkg, err, stderr.String())
	}
	var all []dependency
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p dependency
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
