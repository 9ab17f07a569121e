package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// maxForeign limits how many packages of other modules a program compiles when
// it imports the client.
const maxForeign = 6

// The programs compile in modules of their own, as a user's would.
func TestPrograms(t *testing.T) {
	t.Parallel()
	sdk, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	programs, err := prepare(t.Context(), t.TempDir(), sdk)
	if err != nil {
		t.Fatal(err)
	}
	plain, ours, kit, official := programs[0], programs[1], programs[2], programs[3]
	if len(plain.foreign) != 0 || plain.sumLines != 0 {
		t.Errorf("the plain program needs %v, %d sums, want 0", plain.foreign, plain.sumLines)
	}
	if n := len(ours.foreign); n == 0 || n > maxForeign {
		t.Errorf("%d packages of other modules, want 1 to %d: %v", n, maxForeign, ours.foreign)
	}
	if len(kit.foreign) <= len(ours.foreign) || kit.modLines <= ours.modLines {
		t.Errorf("the test kit adds nothing to %v: was it imported?", ours.foreign)
	}
	if len(official.foreign) <= maxForeign || official.modLines <= plain.modLines || ours.modLines <= plain.modLines {
		t.Errorf("twilio-go needs %v and %d lines in go.mod, this SDK %d, none %d: were they read?",
			official.foreign, official.modLines, ours.modLines, plain.modLines)
	}
	for _, p := range programs {
		if _, err := p.command(t.Context(), nil, "vet", "."); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}

func TestBuildMeasuresOnlyImports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain, more := &program{name: "plain"}, &program{name: "more"}
	for p, imports := range map[*program]string{plain: "", more: "import _ \"encoding/json\"\n"} {
		p.dir, p.source = filepath.Join(dir, p.name), []byte("package main\n\n"+imports+"\nfunc main() {}\n")
		if err := os.Mkdir(p.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(p.dir, "go.mod"), []byte("module example.com/shop\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := p.write(""); err != nil {
			t.Fatal(err)
		}
	}
	if err := build(t.Context(), dir, []*program{plain, more}, 1); err != nil {
		t.Fatal(err)
	}
	if plain.processing <= 0 || more.processing <= 0 || more.binary <= plain.binary {
		t.Errorf("plain %v and %d bytes, more %v and %d bytes", plain.processing, plain.binary, more.processing, more.binary)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "more[0-9]")); len(left) != 0 {
		t.Errorf("left behind: %v, want none", left)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "go.mod")
	text := "module m\n\ngo 1.26\n\nrequire a v1\n\nrequire (\n\tb v1\n\tc v1 // indirect\n)\n\nreplace a => ../a\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if n, err := lines(path); n != 5 || err != nil {
		t.Errorf("%d lines, %v, want 5", n, err)
	}
	if n, err := lines(path + ".sum"); n != 0 || err != nil {
		t.Errorf("%d lines, want 0; %v in a file that is not there", n, err)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	got := table([]*program{
		{title: "net/http", modLines: 2, binary: 5e6, processing: time.Second},
		{title: "this SDK", foreign: make([]string, 4), modLines: 6, sumLines: 41, binary: 5.4e6, processing: 3 * time.Second},
		{title: "twilio-go 1.31.0", foreign: make([]string, 66), modLines: 7, sumLines: 40, binary: 6e6, processing: 41 * time.Second},
	})
	want := strings.TrimPrefix(`
| over a program with only net/http | this SDK | twilio-go 1.31.0 |
| --- | ---: | ---: |
| packages of other modules | 4 | 66 |
| lines in go.mod | 4 | 5 |
| lines in go.sum | 41 | 40 |
| size of the binary | +400 kB | +1000 kB |
| processor time of the first build | 1 | 20.0 |
`, "\n")
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
