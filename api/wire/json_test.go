package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

// stored is what an application may store between two requests.
type stored struct {
	Parameter wire.Parameters
	Types     wire.SpaceList[string]
	Inputs    wire.CommaList[string]
}

// Values written by either of the two supported Go releases are read back, and both
// write the same.
func TestJSONIsTheSameInBothReleases(t *testing.T) {
	t.Parallel()
	full := stored{
		Parameter: wire.NewParameters(map[string]string{"AVSName": `Jane <Doe> "J"`, "empty": "", "unicode": "é\u2028\n"}),
		Types:     wire.SpaceList[string]{"visa", "amex"},
		Inputs:    wire.CommaList[string]{"postal-code", "security-code"},
	}
	const now = `{"Parameter":{"AVSName":"Jane \u003cDoe\u003e \"J\"","empty":"","unicode":"é\u2028\n"},` +
		`"Types":["visa","amex"],"Inputs":["postal-code","security-code"]}`
	tests := map[string]struct {
		text string
		want stored
	}{
		"as both write now":                    {now, full},
		"as Go 1.27 wrote without MarshalJSON": {`{"Parameter":"{\"AVSName\":\"Jane <Doe> \\\"J\\\"\",\"empty\":\"\",\"unicode\":\"é\u2028\\u000a\"}","Types":"visa amex","Inputs":"postal-code,security-code"}`, full},
		"null":                                 {`{"Parameter":null,"Types":null,"Inputs":null}`, stored{}},
		"one element, as Go 1.27 wrote":        {`{"Parameter":"{}","Types":"visa","Inputs":"postal-code"}`, stored{wire.NewParameters(map[string]string{}), wire.SpaceList[string]{"visa"}, wire.CommaList[string]{"postal-code"}}},
		"empty lists, written by either":       {`{"Parameter":{},"Types":[],"Inputs":[]}`, stored{wire.NewParameters(map[string]string{}), wire.SpaceList[string]{}, wire.CommaList[string]{}}},
		"an empty list, as Go 1.27 wrote it":   {`{"Parameter":"{}","Types":"","Inputs":""}`, stored{wire.NewParameters(map[string]string{}), nil, nil}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got stored
			if err := json.Unmarshal([]byte(test.text), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for range 2 { // the second time with the value read back
		text, err := json.Marshal(full)
		if err != nil || string(text) != now {
			t.Errorf("written as %s, %v", text, err)
		}
		full = stored{}
		if err := json.Unmarshal(text, &full); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := json.Marshal(stored{}); err != nil || string(text) != `{"Parameter":null,"Types":null,"Inputs":null}` {
		t.Errorf("the zero values are written as %s, %v", text, err)
	}
}

// Invalid JSON is refused, not read as another value.
func TestInvalidJSONIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"Parameter":"AVSName"}`, `{"Parameter":["x"]}`, `{"Parameter":{"x":1}}`, `{"Types":1}`, `{"Types":[1]}`, `{"Inputs":{"a":"b"}}`} {
		if err := json.Unmarshal([]byte(text), new(stored)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}
