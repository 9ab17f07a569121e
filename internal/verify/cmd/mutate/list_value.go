package main

// What a value may get wrong.
var valueMutations = in("api/wire", []Edit{
	{"maxWhole", `maxWhole    = 6`, `maxWhole    = 7`, "amounts of a million pass"},
	{"maxFraction", `maxFraction = 4`, `maxFraction = 5`, "amounts of five decimals pass"},
	{"Amount.Validate", `|| len(whole) > 1 && whole[0] == '0'`, ``, "amounts with a leading zero pass"},
	{"digits", `s[i] > '9'`, `s[i] > '9' && s[i] != 'e'`, "amounts with an exponent pass"},
	{"digits", `if len(s) == 0 || len(s) > most {`, `if len(s) > most {`, "amounts without digits pass"},
	{"MinorUnits", `missing := decimals + 1 - len(text)`, `missing := decimals - len(text)`, "minor units below one have no leading zero"},
	{"MinorUnits", `point := len(text) - decimals`, `point := len(text) - 2`, "minor units have two decimals in every currency"},
	{"MinorUnits", `n < 0 || decimals < 0`, `n < 0`, "decimals below zero are not noticed"},
	{"Amount.Positive", `"123456789")`, `"12345678")`, "an amount of nines is not positive"},
	{"Amount.Minor", `|| len(fraction) > decimals {`, `{`, "an amount with too many decimals has minor units"},
	{"SpaceList.AppendText", `appendList(b, l, ' ')`, `appendList(b, l, ',')`, "card types are separated by commas"},
	{"CommaList.AppendText", `appendList(b, l, ',')`, `appendList(b, l, ' ')`, "inputs to match are separated by spaces"},
	{"appendList", `r <= ' ' || r == ',' || r == 0x7f`, `r < ' ' || r == ',' || r == 0x7f`, "an element with a space passes"},
	{"appendList", `r <= ' ' || r == ',' || r == 0x7f`, `r <= ' ' || r == 0x7f`, "an element with a comma passes"},
	{"appendList", `if element == "" || strings`, `if strings`, "an empty element passes"},
	{"appendList", `if i > 0 {`, `if i > 1 {`, "the first two elements are joined"},
	{"appendQuoted", `case c == '"', c == '\\':`, `case c == '\\':`, "quotes in parameters are not escaped"},
	{"appendQuoted", `case c < ' ':`, `case c < '\t':`, "line breaks in parameters are not escaped"},
	{"appendQuoted", `hex[c>>4], hex[c&15]`, `hex[c&15], hex[c>>4]`, "control characters in parameters are others"},
	{"Parameters.AppendText", `slices.Sort(names)`, `slices.Reverse(names)`, "parameters have no order"},
	{"Parameters.AppendText", `!utf8.ValidString(name) || !utf8.ValidString(value)`, `!utf8.ValidString(name) && !utf8.ValidString(value)`, "parameters that are not UTF-8 pass"},
	{"Parameters.Format", `_, _ = io.WriteString(f, p.String())`, `_, _ = io.WriteString(f, fmt.Sprint(p.all()))`, "printed parameters show their values"},
})
