package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestTimeRead(t *testing.T) {
	t.Parallel()
	want := time.Date(2019, time.December, 18, 20, 2, 1, 0, time.UTC)
	for _, text := range []string{
		`"Wed, 18 Dec 2019 20:02:01 +0000"`, `"18 Dec 2019 20:02:01 +0000"`, `"Wed, 18 Dec 2019 20:02:01 GMT"`,
		`"Wed, 18 Dec 2019 21:02:01 +0100"`, `"2019-12-18T20:02:01Z"`, `"2019-12-18T20:02:01.000Z"`,
		`"Wed, 18 Dec 2019 20:02:01 \u002b0000"`,
	} {
		var got wire.Time
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.Equal(want) {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
	}
	if got, ok := wire.ParseTime("2021-08-10T03:58:27.290Z"); !ok || got.Nanosecond() != 290e6 {
		t.Errorf("a callback's date is read as %v, %v", got, ok)
	}
	for _, text := range []string{`null`, `""`, `"yesterday"`, `1576699321`, `{}`, `[]`, `true`,
		`"0000-01-01T00:00:00+14:00"`, `"9999-12-31T23:59:59-12:00"`, `"Fri, 31 Dec 9999 23:59:59 -1200"`, `"2019-12-18"`} {
		got := wire.Time{Time: want}
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.IsZero() {
			t.Errorf("%s is read as %v, %v, want the zero time", text, got, err)
		}
	}
}

func TestTimeWrite(t *testing.T) {
	t.Parallel()
	at := wire.Time{Time: time.Date(2019, time.December, 18, 21, 2, 1, 0, time.FixedZone("", 3600))}
	text, err := json.Marshal([]wire.Time{at, {}})
	if want := `["Wed, 18 Dec 2019 20:02:01 +0000",null]`; err != nil || string(text) != want {
		t.Errorf("written as %s, %v, want %s", text, err, want)
	}
}

func TestTimeReadsInvalidJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `"`, `"2019-12-18T20:02:01Z`, `2019-12-18T20:02:01Z"`, `2019-12-18T20:02:01Z`, `"\`} {
		got := wire.Time{Time: time.Now()}
		if err := got.UnmarshalJSON([]byte(text)); err != nil || !got.IsZero() {
			t.Errorf("%s is read as %v, %v, want the zero time", text, got, err)
		}
	}
}
