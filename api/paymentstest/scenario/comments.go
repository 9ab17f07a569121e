package scenario

import "errors"

// withoutComments replaces what JSON does not allow with blanks: comments, from //
// to the end of the line or from /* to */, and the comma after a last element. All
// other bytes keep their offsets. On an error the int is its offset.
func withoutComments(data []byte) ([]byte, int, error) {
	out := append([]byte(nil), data...)
	comma := -1 // the last comma, if only blanks and comments follow it
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case c == '"':
			comma = -1
			i = endOfString(out, i)
		case c == '/' && i+1 < len(out) && out[i+1] == '/':
			for ; i < len(out) && out[i] != '\n'; i++ {
				out[i] = ' '
			}
		case c == '/' && i+1 < len(out) && out[i+1] == '*':
			end := endOfComment(out, i)
			if end < 0 {
				return nil, i, errors.New("the comment that starts here has no end")
			}
			for ; i < end; i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			i--
		case c == ',':
			comma = i
		case c == '}' || c == ']':
			if comma >= 0 {
				out[comma] = ' '
			}
			comma = -1
		case c != ' ' && c != '\t' && c != '\n' && c != '\r':
			comma = -1
		}
	}
	return out, 0, nil
}

// endOfString returns the offset of the quote that ends the string at i, or the
// end of the data if it has none.
func endOfString(data []byte, i int) int {
	for i++; i < len(data) && data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i
}

// endOfComment returns the offset after the comment at i, or -1 if it has no end.
func endOfComment(data []byte, i int) int {
	for j := i + 2; j+1 < len(data); j++ {
		if data[j] == '*' && data[j+1] == '/' {
			return j + 2
		}
	}
	return -1
}
