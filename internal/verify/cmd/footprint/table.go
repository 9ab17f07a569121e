package main

import (
	"fmt"
	"strings"
)

// table compares the programs' imports, over the plain program.
func table(programs []*program) string {
	plain, others := programs[0], programs[1:]
	var b strings.Builder
	row := func(title string, cell func(*program) string) {
		b.WriteString("| " + title)
		for _, p := range others {
			b.WriteString(" | " + cell(p))
		}
		b.WriteString(" |\n")
	}
	row("over a program with only net/http", func(p *program) string { return p.title })
	row("---", func(*program) string { return "---:" })
	row("packages of other modules", func(p *program) string { return fmt.Sprint(len(p.foreign)) })
	row("lines in go.mod", func(p *program) string { return fmt.Sprint(p.modLines - plain.modLines) })
	row("lines in go.sum", func(p *program) string { return fmt.Sprint(p.sumLines - plain.sumLines) })
	row("size of the binary", func(p *program) string { return fmt.Sprintf("+%d kB", (p.binary-plain.binary)/1000) })
	ours := (others[0].processing - plain.processing).Seconds()
	row("processor time of the first build", func(p *program) string {
		if p == others[0] {
			return "1"
		}
		return fmt.Sprintf("%.1f", (p.processing-plain.processing).Seconds()/ours)
	})
	return b.String()
}
