package rule_test

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/internal/rule"
)

var sid = rule.Runs{{Set: "P", Count: 1}, {Set: "K", Count: 1}, {Set: "0123456789ABCDEFabcdef", Count: 32}}

func TestText(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		field rule.Field
		value string
		want  string
	}{
		"absent":                {rule.Field{Enum: []string{"a"}, MinLength: 3}, "", ""},
		"required":              {rule.Field{Required: true}, "", "is required"},
		"one of two values":     {rule.Field{Enum: []string{"a", "b"}}, "c", "must be a or b"},
		"one of three values":   {rule.Field{Enum: []string{"a", "b", "c"}}, "A", "must be a, b or c"},
		"a value":               {rule.Field{Enum: []string{"a", "b"}}, "b", ""},
		"too long":              {rule.Field{MaxLength: 3}, "abcd", "must have at most 3 characters"},
		"characters, not bytes": {rule.Field{MaxLength: 3}, "äöü", ""},
		"too short":             {rule.Field{MinLength: 3}, "äö", "must have at least 3 characters"},
		"of a range of lengths": {rule.Field{MinLength: 2, MaxLength: 3}, "a", "must have 2 to 3 characters"},
		"of one length":         {rule.Field{MinLength: 2, MaxLength: 2}, "a", "must have 2 characters"},
		"no SID":                {rule.Field{Pattern: sid}, "PK1", "must be PK and 32 hexadecimal digits"},
		"no currency":           {rule.Field{Pattern: rule.Runs{{Set: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", Count: 3}}}, "usd4", "must be 3 letters"},
		"no match":              {rule.Field{Pattern: regexp.MustCompile("^[A-Z]+$")}, "a", "must match ^[A-Z]+$"},
		"below":                 {rule.Field{Minimum: rule.Bound{Value: "0.5"}}, "0.49", "must be at least 0.5"},
		"at the minimum":        {rule.Field{Minimum: rule.Bound{Value: "0.5"}}, "0.50", ""},
		"exclusive maximum":     {rule.Field{Maximum: rule.Bound{Value: "10", Exclusive: true}}, "10.000", "must be below 10"},
		"exclusive minimum":     {rule.Field{Minimum: rule.Bound{Value: "1", Exclusive: true}, Maximum: rule.Bound{Value: "9"}}, "1", "must be above 1 and at most 9"},
		"out of range":          {rule.Field{Minimum: rule.Bound{Value: "0"}, Maximum: rule.Bound{Value: "9"}}, "10", "must be from 0 to 9"},
		"no URL":                {rule.Field{URL: true}, "/status", "must be an absolute http or https URL"},
		"a required URL":        {rule.Field{URL: true, Required: true}, "", "must be an absolute http or https URL"},
	} {
		if got := tt.field.Text(tt.value); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

type request struct {
	Tone   string   `json:"Tone,omitempty"`
	Level  int      `json:"Level,omitempty"`
	Wide   int64    `json:"Wide,omitempty"`
	Loud   *bool    `json:"Loud,omitempty"`
	Colors []string `json:"Colors,omitempty"`
}

func TestSet(t *testing.T) {
	t.Parallel()
	fields := []rule.Field{
		{Name: "Colors", Enum: []string{"red", "blue"}},
		{Name: "Level", Minimum: rule.Bound{Value: "2"}, Maximum: rule.Bound{Value: "5"}},
		{Name: "Loud", Required: true},
		{Name: "Tone", Required: true},
		{Name: "Wide", Minimum: rule.Bound{Value: "-3"}},
	}
	set := rule.Compile[request](fields)
	for name, tt := range map[string]struct {
		request request
		want    string
	}{
		"all good":         {request{Tone: "a", Level: 5, Wide: -3, Loud: new(false), Colors: []string{"red"}}, ""},
		"nothing":          {request{}, "Loud is required; Tone is required"},
		"out of bounds":    {request{Tone: "a", Loud: new(true), Level: 6, Wide: -4}, "Level must be from 2 to 5; Wide must be at least -3"},
		"below":            {request{Tone: "a", Loud: new(true), Level: 1}, "Level must be from 2 to 5"},
		"an unknown color": {request{Tone: "a", Loud: new(true), Colors: []string{"red", "green"}}, "Colors must hold only red or blue"},
	} {
		var got []string
		for _, v := range set.Check(&tt.request) {
			got = append(got, v.Field+" "+v.Rule)
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// Checking valid values allocates nothing.
func TestCheckAllocatesNothing(t *testing.T) {
	set := rule.Compile[request]([]rule.Field{{Name: "Tone", Enum: []string{"a"}}, {Name: "Level", Minimum: rule.Bound{Value: "2"}}, {Name: "Colors"}})
	r := &request{Tone: "a", Level: 3}
	if n := testing.AllocsPerRun(100, func() { set.Check(r) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// Runs match the same texts as the regular expression.
func TestRunsMatchTheirPattern(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile("^PK[0-9a-fA-F]{32}$")
	rapid.Check(t, func(t *rapid.T) {
		text := "PK" + rapid.StringOfN(rapid.RuneFrom([]rune("0123456789abcdefABCDEF")), 31, 33, -1).Draw(t, "text")
		if rapid.Bool().Draw(t, "changed") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			text = text[:at] + rapid.String().Draw(t, "with") + text[at+1:]
		}
		if sid.MatchString(text) != pattern.MatchString(text) {
			t.Fatalf("%q: runs %v, pattern %v", text, sid.MatchString(text), pattern.MatchString(text))
		}
	})
}

// Bounds compare numbers of any length exactly.
func TestBoundsAreExact(t *testing.T) {
	t.Parallel()
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,12})?`)
	rapid.Check(t, func(t *rapid.T) {
		value, bound := number.Draw(t, "value"), number.Draw(t, "bound")
		if rapid.Bool().Draw(t, "equal") {
			bound = value
		}
		a, _ := new(big.Rat).SetString(value)
		b, _ := new(big.Rat).SetString(bound)
		exclusive := rapid.Bool().Draw(t, "exclusive")
		least := rule.Field{Minimum: rule.Bound{Value: bound, Exclusive: exclusive}}
		most := rule.Field{Maximum: rule.Bound{Value: bound, Exclusive: exclusive}}
		if got, want := least.Text(value) == "", a.Cmp(b) > 0 || a.Cmp(b) == 0 && !exclusive; got != want {
			t.Fatalf("%s at least %s: %v", value, bound, got)
		}
		if got, want := most.Text(value) == "", a.Cmp(b) < 0 || a.Cmp(b) == 0 && !exclusive; got != want {
			t.Fatalf("%s at most %s: %v, want %v", value, bound, got, want)
		}
	})
}
