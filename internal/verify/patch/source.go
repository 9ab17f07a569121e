package patch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// Package is the source of one package, without its tests.
type Package struct {
	dir   string
	decls []declaration
}

// A declaration is a function, a method, a type, or one line of constants or
// variables.
type declaration struct {
	names  []string // a method's has its type before it: Client.Create
	file   *source
	tokens []lexeme
}

type source struct{ name, text string }

// A lexeme is one token of a file, with its byte offsets.
type lexeme struct {
	text       string
	start, end int
}

// Load reads the package in dir.
func Load(dir string) (*Package, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	p := &Package{dir: dir}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := p.add(&source{name, string(text)}); err != nil {
			return nil, err
		}
	}
	if len(p.decls) == 0 {
		return nil, fmt.Errorf("%s: no Go source", dir)
	}
	return p, nil
}

func (p *Package) add(file *source) error {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file.name, file.text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	tokens, err := tokenize(file.text)
	if err != nil {
		return err
	}
	keep := func(node ast.Node, names ...string) {
		from, to := set.Position(node.Pos()).Offset, set.Position(node.End()).Offset
		d := declaration{names: names, file: file}
		for _, t := range tokens {
			if t.start >= from && t.end <= to {
				d.tokens = append(d.tokens, t)
			}
		}
		p.decls = append(p.decls, d)
	}
	for _, decl := range tree.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			keep(decl, funcName(decl))
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					keep(spec, spec.Name.Name)
				case *ast.ValueSpec:
					var names []string
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
					keep(spec, names...)
				}
			}
		}
	}
	return nil
}

func funcName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	typ := f.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name + "." + f.Name.Name
		default:
			return f.Name.Name
		}
	}
}

// tokenize returns the tokens of code, without those that depend on formatting:
// comments, and semicolons and commas before a closing bracket or at the ends.
func tokenize(code string) ([]lexeme, error) {
	var errs scanner.ErrorList
	file := token.NewFileSet().AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), errs.Add, 0)
	var tokens []lexeme
	for {
		pos, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return trim(tokens), errs.Err()
		case tok == token.RPAREN, tok == token.RBRACE, tok == token.RBRACK:
			if n := len(tokens); n > 0 && (tokens[n-1].text == ";" || tokens[n-1].text == ",") {
				tokens = tokens[:n-1]
			}
		}
		if !tok.IsLiteral() {
			text = tok.String()
		}
		start := file.Offset(pos)
		tokens = append(tokens, lexeme{text, start, min(start+len(text), len(code))})
	}
}

func trim(tokens []lexeme) []lexeme {
	for len(tokens) > 0 && tokens[len(tokens)-1].text == ";" {
		tokens = tokens[:len(tokens)-1]
	}
	for len(tokens) > 0 && tokens[0].text == ";" {
		tokens = tokens[1:]
	}
	return tokens
}
