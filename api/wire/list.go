package wire

import (
	"encoding/json"
	"errors"
	"strings"
)

// ErrList is the error of an invalid list; its text is the rule.
var ErrList = errors.New("must have elements that are not empty and hold no space, comma or control character")

// SpaceList is a list that is sent as one field with spaces between its elements:
// ValidCardTypes. A plain slice of the element type can be assigned to it. The
// empty list is not sent.
type SpaceList[T ~string] []T

// AppendText appends the list as it is sent. It fails with [ErrList] if an
// element is empty or holds a space, comma or control character.
func (l SpaceList[T]) AppendText(b []byte) ([]byte, error) { return appendList(b, l, ' ') }

// MarshalJSON returns the list as a JSON array, in every Go release.
func (l SpaceList[T]) MarshalJSON() ([]byte, error) { return json.Marshal([]T(l)) }

// UnmarshalJSON reads a JSON array. It also reads a string with the list as it is
// sent, which Go 1.27 wrote before this type had MarshalJSON.
func (l *SpaceList[T]) UnmarshalJSON(data []byte) error { return unmarshalList((*[]T)(l), data, " ") }

// CommaList is a list that is sent as one field with commas between its elements:
// RequireMatchingInputs. A plain slice of the element type can be assigned to it.
// The empty list is not sent.
type CommaList[T ~string] []T

// AppendText appends the list as it is sent. It fails with [ErrList] if an
// element is empty or holds a space, comma or control character.
func (l CommaList[T]) AppendText(b []byte) ([]byte, error) { return appendList(b, l, ',') }

// MarshalJSON returns the list as a JSON array, in every Go release.
func (l CommaList[T]) MarshalJSON() ([]byte, error) { return json.Marshal([]T(l)) }

// UnmarshalJSON reads a JSON array. It also reads a string with the list as it is
// sent, which Go 1.27 wrote before this type had MarshalJSON.
func (l *CommaList[T]) UnmarshalJSON(data []byte) error { return unmarshalList((*[]T)(l), data, ",") }

func appendList[T ~string](b []byte, list []T, separator byte) ([]byte, error) {
	for i, element := range list {
		if element == "" || strings.ContainsFunc(string(element), func(r rune) bool { return r <= ' ' || r == ',' || r == 0x7f }) {
			return b, ErrList
		}
		if i > 0 {
			b = append(b, separator)
		}
		b = append(b, element...)
	}
	return b, nil
}

func unmarshalList[T ~string](list *[]T, data []byte, separator string) error {
	text, ok := jsonText(data)
	if !ok {
		return json.Unmarshal(data, list)
	}
	*list = nil
	if text == "" {
		return nil
	}
	for element := range strings.SplitSeq(text, separator) {
		*list = append(*list, T(element))
	}
	return nil
}
