package scenario

import "errors"

// withoutComments blanks out what JSON does not have: comments, from // to the
// end of the line or from /* to */, and the comma after a last element. Every
// other byte keeps its place, so that an offset is one of the file. On an error
// the int is the offset of what is wrong.
func withoutComments(data []byte) ([]byte, int, error) {
	out := append([]byte(nil), data...)
	comma := -1 // the last comma with nothing but blanks and comments after it
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
				return nil, i, errors.New("the comment that begins here has no end")
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

// endOfString is the offset of the quote that ends the string at i, or the end
// of the data when there is none.
func endOfString(data []byte, i int) int {
	for i++; i < len(data) && data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i
}

// endOfComment is the offset behind the comment at i, -1 when it has no end.
func endOfComment(data []byte, i int) int {
	for j := i + 2; j+1 < len(data); j++ {
		if data[j] == '*' && data[j+1] == '/' {
			return j + 2
		}
	}
	return -1
}
