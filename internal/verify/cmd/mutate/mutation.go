// Command mutate makes small breaking changes to the SDK, one at a time, and
// checks that its tests fail. Each mutation replaces code that occurs exactly
// once in a declaration. It works on a copy; the working tree is never changed.
//
//	go run ./cmd/mutate            all mutations
//	go run ./cmd/mutate -part 2/6  the second sixth
//	go run ./cmd/mutate -run retry those whose package, declaration or effect contains "retry"
package main

import "slices"

// Mutation is one way to break the SDK.
type Mutation struct {
	Package string // from the module's root
	Edit
}

// Edit replaces code in one declaration. A method is named with its type, as in
// go doc: Client.Create. Old and New are whole tokens; comments, line breaks
// and the file do not matter. Code that moved to another declaration is found
// there if it occurs once in the package.
type Edit struct {
	Decl   string
	Old    string
	New    string
	Breaks string // the effect, for the table
}

func (m Mutation) String() string { return m.Package + " " + m.Decl + ": " + m.Breaks }

func in(dir string, edits []Edit) []Mutation {
	var list []Mutation
	for _, e := range edits {
		list = append(list, Mutation{dir, e})
	}
	return list
}

// mutations returns all mutations.
func mutations() []Mutation {
	return slices.Concat(formMutations, valueMutations, validationMutations, retryMutations, clientMutations, responseMutations, callbackMutations, coreMutations, flowMutations)
}

// suites are the tests that have to fail, the narrowest first: a mutation is
// caught by the first failure.
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
