package main

const (
	amountFile     = "api/wire/amount.go"
	listFile       = "api/wire/list.go"
	parametersFile = "api/wire/parameters.go"
)

// What a value may get wrong.
var valueMutations = []Mutation{
	{amountFile, `maxWhole    = 6`, `maxWhole    = 7`, "amounts of a million pass"},
	{amountFile, `maxFraction = 4`, `maxFraction = 5`, "amounts of five decimals pass"},
	{amountFile, ` || len(whole) > 1 && whole[0] == '0'`, ``, "amounts with a leading zero pass"},
	{amountFile, `s[i] > '9'`, `s[i] > '9' && s[i] != 'e'`, "amounts with an exponent pass"},
	{amountFile, `if len(s) == 0 || len(s) > most {`, `if len(s) > most {`, "amounts without digits pass"},
	{amountFile, `missing := decimals + 1 - len(text)`, `missing := decimals - len(text)`, "minor units below one have no leading zero"},
	{amountFile, `point := len(text) - decimals`, `point := len(text) - 2`, "minor units have two decimals in every currency"},
	{amountFile, `n < 0 || decimals < 0`, `n < 0`, "decimals below zero are not noticed"},
	{amountFile, `"123456789")`, `"12345678")`, "an amount of nines is not positive"},
	{amountFile, ` || len(fraction) > decimals {`, ` {`, "an amount with too many decimals has minor units"},
	{listFile, `appendList(b, l, ' ')`, `appendList(b, l, ',')`, "card types are separated by commas"},
	{listFile, `appendList(b, l, ',')`, `appendList(b, l, ' ')`, "inputs to match are separated by spaces"},
	{listFile, `r <= ' ' || r == ',' || r == 0x7f`, `r < ' ' || r == ',' || r == 0x7f`, "an element with a space passes"},
	{listFile, `r <= ' ' || r == ',' || r == 0x7f`, `r <= ' ' || r == 0x7f`, "an element with a comma passes"},
	{listFile, `if element == "" || strings`, `if strings`, "an empty element passes"},
	{listFile, `if i > 0 {`, `if i > 1 {`, "the first two elements are joined"},
	{parametersFile, `case c == '"', c == '\\':`, `case c == '\\':`, "quotes in parameters are not escaped"},
	{parametersFile, `case c < ' ':`, `case c < '\t':`, "line breaks in parameters are not escaped"},
	{parametersFile, `hex[c>>4], hex[c&15]`, `hex[c&15], hex[c>>4]`, "control characters in parameters are others"},
	{parametersFile, `slices.Sort(names)`, `slices.Reverse(names)`, "parameters have no order"},
	{parametersFile, `!utf8.ValidString(name) || !utf8.ValidString(value)`, `!utf8.ValidString(name) && !utf8.ValidString(value)`, "parameters that are not UTF-8 pass"},
	{parametersFile, `_, _ = io.WriteString(f, p.String())`, `_, _ = io.WriteString(f, fmt.Sprint(map[string]string(p)))`, "printed parameters show their values"},
}
