// Command mutate breaks the SDK in one small way after the other and shows that
// its tests notice. Each mutation replaces a piece of one file that stands in it
// exactly once; the working tree is copied first and never changed.
//
//	go run ./mutate            all mutations
//	go run ./mutate -run retry those whose file or effect holds "retry"
package main

import "slices"

// Mutation is one way to break the SDK.
type Mutation struct {
	File   string // from the module's root
	Old    string
	New    string
	Breaks string // what is wrong then
}

// mutations are all of them.
func mutations() []Mutation {
	return slices.Concat(formMutations, valueMutations, validationMutations, retryMutations, clientMutations, answerMutations, flowMutations)
}

// suites are the tests that have to notice, narrow ones first: a mutation is
// caught by the first that fails.
func suites(file string) [][]string {
	client := []string{"-skip=TestFaults|TestOneClientForAll", "./api/payments"}
	load := []string{"-run=TestFaults|TestOneClientForAll", "./api/payments"}
	switch {
	case inDir(file, "api/flow"):
		return [][]string{{"-run=^TestExplore", "./api/flow", "-args", "-explore=20000"}}
	case inDir(file, "internal/form"):
		return [][]string{{"./internal/form"}, client}
	case inDir(file, "api/wire"):
		return [][]string{{"./api/wire"}, client}
	case inDir(file, "internal/paycode"):
		return [][]string{client}
	}
	return [][]string{client, load}
}

func inDir(file, dir string) bool { return len(file) > len(dir) && file[:len(dir)+1] == dir+"/" }
