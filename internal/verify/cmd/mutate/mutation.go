// Command mutate breaks the SDK in one small way after the other and shows that
// its tests notice. Each mutation replaces a piece of code that occurs exactly
// once in a declaration; the working tree is copied first and never changed.
//
//	go run ./cmd/mutate            all mutations
//	go run ./cmd/mutate -part 2/6  the second sixth
//	go run ./cmd/mutate -run retry those whose package, declaration or effect holds "retry"
package main

import "slices"

// Mutation is one way to break the SDK.
type Mutation struct {
	Package string // from the module's root
	Edit
}

// Edit replaces code in one declaration. A method has its type before it, as
// go doc writes it: Client.Create. Old and New are whole tokens; comments, line
// breaks and the file do not matter. Code that moved to another declaration is
// found there if it occurs once in the package.
type Edit struct {
	Decl   string
	Old    string
	New    string
	Breaks string // what is wrong then
}

func (m Mutation) String() string { return m.Package + " " + m.Decl + ": " + m.Breaks }

func in(dir string, edits []Edit) []Mutation {
	var list []Mutation
	for _, e := range edits {
		list = append(list, Mutation{dir, e})
	}
	return list
}

// mutations are all of them.
func mutations() []Mutation {
	return slices.Concat(formMutations, valueMutations, validationMutations, retryMutations, clientMutations, responseMutations, callbackMutations, coreMutations, flowMutations)
}

// suites are the tests that have to notice, narrow ones first: a mutation is
// caught by the first that fails.
func suites(dir string) [][]string {
	client := []string{"-skip=TestFaults|TestOneClientForAll", "./api/payments"}
	load := []string{"-run=TestFaults|TestOneClientForAll", "./api/payments"}
	switch dir {
	case "api/flow":
		return [][]string{{"-run=^TestExplore", "./api/flow", "-args", "-explore=20000"}}
	case "internal/form", "api/wire", "internal/rule":
		return [][]string{{"./" + dir}, {"./internal/golden"}, client}
	case "api/callback", "api/callback/internal/signature":
		return [][]string{{"./api/callback/..."}}
	case "api/paymentstest/internal/core":
		return [][]string{{"./" + dir}}
	case "internal/paycode":
		return [][]string{client}
	}
	return [][]string{client, load}
}
