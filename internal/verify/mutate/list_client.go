package main

const (
	paramsFile    = "api/payments/client.go"
	configFile    = "api/payments/config.go"
	hostFile      = "api/payments/config.go"
	optionFile    = "api/payments/option.go"
	extraFile     = "api/payments/call.go"
	transportFile = "api/payments/transport.go"
)

// What a request may get wrong beside its form.
var clientMutations = []Mutation{
	{callFile, `if *op.key == "" {`, `if *op.key != "" {`, "a key of the caller's is replaced, and none is made"},
	{callFile, `*op.key = rand.Text()`, `*op.key = rand.Text()[:0] + "key"`, "all operations have one key"},
	{callFile, `= c.name, *c.key, attempts`, `= c.name, "", attempts`, "errors do not tell the key"},
	{callFile, `= c.name, *c.key, attempts, unknown`, `= c.name, *c.key, 0, unknown`, "errors do not count attempts"},
	{callFile, `run.config, err = c.config.with(opts)`, `c.config, err = c.config.with(opts)`, "a call's options stay with the client"},
	{callFile, `const formType = "application/x-www-form-urlencoded"`, `const formType = "application/json"`, "the media type is another"},
	{hostFile, `if !hosturl.IsLoopback(u.Hostname()) {`, `if u.Hostname() == "" {`, "the environment sends credentials to any server"},
	{paramsFile, `NewCreatePaymentsRequestWithBody(server, accountSID, callSID,`, `NewCreatePaymentsRequestWithBody(server, callSID, accountSID,`, "create's account and call are swapped in the path"},
	{paramsFile, `accountSID, callSID, sid, formType`, `accountSID, sid, callSID, formType`, "update's call and session are swapped in the path"},
	{attemptFile, `req.Header["Accept"], req.Header["User-Agent"]`, `_, req.Header["User-Agent"]`, "no Accept is sent"},
	{attemptFile, `req.Header["Accept"], req.Header["User-Agent"]`, `req.Header["Accept"], _`, "the User-Agent is Go's"},
	{attemptFile, `req.ContentLength, req.GetBody = int64(len(c.body)), nil`, `req.ContentLength, req.GetBody = 0, nil`, "the length of the body is not told"},
	{configFile, `user+":"+secret`, `secret+":"+user`, "user and secret are swapped"},
	{optionFile, `newAuth(accountSID, keySID, secret)`, `newAuth(accountSID, accountSID, secret)`, "an API key's SID is not sent"},
	{configFile, "	if c.account != \"\" {\n", "	if c.account != c.auth.account {\n", "the account is lost when none is named"},
	{optionFile, `c.account = sid`, `_ = sid`, "WithAccount does nothing"},
	{optionFile, `c.maxRetries = n`, `c.maxRetries = n + 1`, "WithMaxRetries allows one more"},
	{optionFile, `c.unchecked = true`, `c.unchecked = false`, "WithoutValidation does nothing"},
	{hostFile, `"https://api." + edge + "." + region`, `"https://api." + region + "." + edge`, "edge and region are swapped"},
	{hostFile, `(u.Scheme != "http" || !hosturl.IsLoopback(u.Hostname()))`, `u.Scheme != "http"`, "plain http is taken for any host"},
	{hostFile, `strings.TrimSuffix(u.String(), "/") + "/"`, `u.String() + "/"`, "a base URL with a slash doubles it"},
	{extraFile, `strings.EqualFold(k, name)`, `strings.EqualFold(k, name+"?")`, "further fields replace those of the contract"},
	{extraFile, `slices.Sorted(maps.Keys(extra))`, `slices.Backward(slices.Sorted(maps.Keys(extra)))`, "further fields have another order"},
	{transportFile, `resp.Header.Del("Location")`, ``, "a malformed redirect is a failure of the transport"},
	{transportFile, `if h.Jar != nil || h.Timeout != 0 {`, `if false {`, "the timeout and the cookies of the caller's http.Client do nothing"},
	{transportFile, `c := *h`, `h.Timeout++; c := *h`, "the caller's http.Client is changed"},
}
