package main

// What a form may get wrong.
var formMutations = in("internal/form", []Edit{
	{"appendBool", `if v.IsNil() {`, `if v.IsNil() || !v.Elem().Bool() {`, "a boolean of false is not sent"},
	{"appendInt", `if v.Int() == 0 {`, `if v.Int() < 0 {`, "a zero is sent"},
	{"appendInt", `v.Int(), 10)`, `v.Int(), 16)`, "integers are hexadecimal"},
	{"separate", `return append(b, '&')`, `return append(b, ';')`, "fields are separated by semicolons"},
	{"appendEscaped", `b = append(b, '+')`, `b = append(b, ' ')`, "a space is not escaped"},
	{"appendEscaped", `if unescaped[c] {`, `if unescaped[c] || c == '+' {`, "a plus is not escaped"},
	{"appendEscaped", `if unescaped[c] {`, `if unescaped[c] || c == '&' {`, "an ampersand is not escaped"},
	{"appendEscaped", `if unescaped[c] {`, `if unescaped[c] || c == '%' {`, "a percent sign is not escaped"},
	{"appendEscaped", `if unescaped[c] {`, `if unescaped[c] || c >= 0x80 {`, "text beyond ASCII is not escaped"},
	{"appendEscaped", `hex[c>>4], hex[c&15]`, `hex[c&15], hex[c>>4]`, "escapes have their digits swapped"},
	{"appendString", `if v.Len() == 0 {
		return b, nil
	}
	return AppendPair`, `return AppendPair`, "empty text is sent"},
	{"appendList", `if v.Len() == 0 {
		return b, nil
	}
	return appendText`, `return appendText`, "empty lists are sent"},
	{"appendValue", `interface{ IsZero() bool }).IsZero() {`, `interface{ IsZero() bool }).IsZero() && false {`, "parameters that were not set are sent"},
	{"AppendPair", `!utf8.ValidString(name) || !utf8.ValidString(value)`, `!utf8.ValidString(name)`, "text that is not UTF-8 is sent"},
	{"appendText", `if !utf8.Valid(text) {`, `if len(text) == 0 {`, "lists that are not UTF-8 are sent"},
	{"AppendPair", `appendEscaped(separate(b), name)`, `append(separate(b), name...)`, "names of further fields are not escaped"},
	{"appendString", `return AppendPair(b, name, v.String())`, `if f, err := strconv.ParseFloat(v.String(), 32); err == nil && name == "ChargeAmount" {
		return AppendPair(b, name, strconv.FormatFloat(f, 'g', -1, 32))
	}
	return AppendPair(b, name, v.String())`, "amounts pass through a float32"},
	{"appendString", `return AppendPair(b, name, v.String())`, `if f, err := strconv.ParseFloat(v.String(), 64); err == nil && name == "ChargeAmount" {
		return AppendPair(b, name, strconv.FormatFloat(f, 'f', -1, 64))
	}
	return AppendPair(b, name, v.String())`, "amounts pass through a float64 and lose their zeros"},
	{"planOf", `name, _, _ := strings.Cut(`, `_, name, _ := strings.Cut(`, "fields have the names of tag options"},
	{"planOf", `plan = append(plan,`, `if other, ok := map[string]string{"Capture": "Status", "Status": "Capture"}[name]; ok {
			name = other
		}
		plan = append(plan,`, "Capture and Status are swapped"},
	{"planOf", `plan = append(plan,`, `if other, ok := map[string]string{"PostalCode": "SecurityCode", "SecurityCode": "PostalCode"}[name]; ok {
			name = other
		}
		plan = append(plan,`, "PostalCode and SecurityCode are swapped"},
	{"planOf", `for i := range t.NumField() {`, `for i := range t.NumField() - 1 {`, "the last field is not sent"},
})
