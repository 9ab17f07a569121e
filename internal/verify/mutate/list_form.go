package main

const (
	formFile = "internal/form/form.go"
	planFile = "internal/form/plan.go"
)

// What a form may get wrong.
var formMutations = []Mutation{
	{formFile, `if v.IsNil() {`, `if v.IsNil() || !v.Elem().Bool() {`, "a boolean of false is not sent"},
	{formFile, `if v.Int() == 0 {`, `if v.Int() < 0 {`, "a zero is sent"},
	{formFile, `v.Int(), 10)`, `v.Int(), 16)`, "integers are hexadecimal"},
	{formFile, `return append(b, '&')`, `return append(b, ';')`, "fields are separated by semicolons"},
	{formFile, `b = append(b, '+')`, `b = append(b, ' ')`, "a space is not escaped"},
	{formFile, `-_.~")`, `-_.~+")`, "a plus is not escaped"},
	{formFile, `-_.~")`, `-_.~&")`, "an ampersand is not escaped"},
	{formFile, `-_.~")`, `-_.~%")`, "a percent sign is not escaped"},
	{formFile, `if asIs[c] {`, `if asIs[c] || c >= 0x80 {`, "text beyond ASCII is not escaped"},
	{formFile, `hex[c>>4], hex[c&15]`, `hex[c&15], hex[c>>4]`, "escapes have their digits swapped"},
	{formFile, "if v.Len() == 0 {\n\t\treturn b, nil\n\t}\n\treturn AppendPair", "return AppendPair", "empty text is sent"},
	{formFile, "if v.Len() == 0 {\n\t\treturn b, nil\n\t}\n\treturn appendText", "return appendText", "empty lists are sent"},
	{formFile, "interface{ IsZero() bool }).IsZero() {", "interface{ IsZero() bool }).IsZero() && false {", "parameters that were not set are sent"},
	{formFile, `!utf8.ValidString(name) || !utf8.ValidString(value)`, `!utf8.ValidString(name)`, "text that is not UTF-8 is sent"},
	{formFile, `if !utf8.Valid(text) {`, `if len(text) == 0 {`, "lists that are not UTF-8 are sent"},
	{formFile, `appendEscaped(separate(b), name)`, `append(separate(b), name...)`, "names of further fields are not escaped"},
	{
		formFile, "	return AppendPair(b, name, v.String())",
		"	if f, err := strconv.ParseFloat(v.String(), 32); err == nil && name == \"ChargeAmount\" {\n\t\treturn AppendPair(b, name, strconv.FormatFloat(f, 'g', -1, 32))\n\t}\n\treturn AppendPair(b, name, v.String())",
		"amounts pass through a float32",
	},
	{
		formFile, "	return AppendPair(b, name, v.String())",
		"	if f, err := strconv.ParseFloat(v.String(), 64); err == nil && name == \"ChargeAmount\" {\n\t\treturn AppendPair(b, name, strconv.FormatFloat(f, 'f', -1, 64))\n\t}\n\treturn AppendPair(b, name, v.String())",
		"amounts pass through a float64 and lose their zeros",
	},
	{planFile, `name, _, _ := strings.Cut(`, `_, name, _ := strings.Cut(`, "fields have the names of tag options"},
	{
		planFile, "		plan = append(plan,",
		"		if other, ok := map[string]string{\"Capture\": \"Status\", \"Status\": \"Capture\"}[name]; ok {\n\t\t\tname = other\n\t\t}\n\t\tplan = append(plan,",
		"Capture and Status are swapped",
	},
	{
		planFile, "		plan = append(plan,",
		"		if other, ok := map[string]string{\"PostalCode\": \"SecurityCode\", \"SecurityCode\": \"PostalCode\"}[name]; ok {\n\t\t\tname = other\n\t\t}\n\t\tplan = append(plan,",
		"PostalCode and SecurityCode are swapped",
	},
	{planFile, `for i := range t.NumField() {`, `for i := range t.NumField() - 1 {`, "the last field is not sent"},
}
