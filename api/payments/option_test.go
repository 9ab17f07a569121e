package payments_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

const otherAccount = "ACeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

// sentTo returns the request that a client with opts sends, in process.
func sentTo(t *testing.T, callOpts []payments.Option, opts ...payments.Option) *http.Request {
	t.Helper()
	var sent *http.Request
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = r
		return response(http.StatusCreated, sessionAt(r.URL.Path)), nil
	})
	client, err := payments.NewClient(append(opts, payments.WithHTTPClient(&http.Client{Transport: transport}))...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := operations["create"](context.Background(), client, callOpts...); err != nil {
		t.Fatal(err)
	}
	return sent
}

// setEnv replaces all environment variables that the SDK reads.
func setEnv(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range []string{"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_CLIENT_ID", "TWILIO_CLIENT_SECRET", "TWILIO_REGION", "TWILIO_EDGE", "TWILIO_BASE_URL"} {
		t.Setenv(name, env[name])
	}
}

func TestHosts(t *testing.T) {
	credentials := payments.WithCredentials(accountSID, authToken)
	for name, tt := range map[string]struct {
		env  map[string]string
		opts []payments.Option
		host string
	}{
		"default":                    {nil, nil, "https://api.twilio.com"},
		"region and edge":            {nil, []payments.Option{payments.WithRegion("ie1"), payments.WithEdge("dublin")}, "https://api.dublin.ie1.twilio.com"},
		"a region gets its edge":     {nil, []payments.Option{payments.WithRegion("au1")}, "https://api.sydney.au1.twilio.com"},
		"us1 too":                    {nil, []payments.Option{payments.WithRegion("us1")}, "https://api.ashburn.us1.twilio.com"},
		"an edge means us1":          {nil, []payments.Option{payments.WithEdge("frankfurt")}, "https://api.frankfurt.us1.twilio.com"},
		"environment":                {map[string]string{"TWILIO_REGION": "jp1"}, nil, "https://api.tokyo.jp1.twilio.com"},
		"environment's edge":         {map[string]string{"TWILIO_REGION": "jp1", "TWILIO_EDGE": "osaka"}, nil, "https://api.osaka.jp1.twilio.com"},
		"option over environment":    {map[string]string{"TWILIO_REGION": "jp1"}, []payments.Option{payments.WithRegion("sg1")}, "https://api.singapore.sg1.twilio.com"},
		"a base URL overrides all":   {map[string]string{"TWILIO_REGION": "jp1"}, []payments.Option{payments.WithEdge("dublin"), payments.WithBaseURL("https://pay.example.com")}, "https://pay.example.com"},
		"loopback http":              {nil, []payments.Option{payments.WithBaseURL("http://127.0.0.1:4010")}, "http://127.0.0.1:4010"},
		"loopback by name":           {nil, []payments.Option{payments.WithBaseURL("http://localhost:4010/")}, "http://localhost:4010"},
		"loopback in another case":   {nil, []payments.Option{payments.WithBaseURL("http://LocalHost:4010")}, "http://LocalHost:4010"},
		"the environment's base URL": {map[string]string{"TWILIO_BASE_URL": "http://127.0.0.1:4010"}, nil, "http://127.0.0.1:4010"},
		"it overrides the region's":  {map[string]string{"TWILIO_BASE_URL": "http://localhost:1", "TWILIO_REGION": "jp1", "TWILIO_EDGE": "osaka"}, nil, "http://localhost:1"},
		"it overrides WithRegion":    {map[string]string{"TWILIO_BASE_URL": "https://[::1]:1/"}, []payments.Option{payments.WithRegion("ie1")}, "https://[::1]:1"},
		"an option overrides it":     {map[string]string{"TWILIO_BASE_URL": "http://127.0.0.1:4010"}, []payments.Option{payments.WithBaseURL("https://pay.example.com")}, "https://pay.example.com"},
		"even if it is invalid":      {map[string]string{"TWILIO_BASE_URL": "https://evil.example"}, []payments.Option{payments.WithBaseURL("https://pay.example.com")}, "https://pay.example.com"},
		"IPv6 loopback":              {nil, []payments.Option{payments.WithBaseURL("http://[::1]:4010/")}, "http://[::1]:4010"},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, tt.env)
			r := sentTo(t, nil, append([]payments.Option{credentials}, tt.opts...)...)
			if got := r.URL.Scheme + "://" + r.URL.Host; got != tt.host || !strings.HasPrefix(r.URL.Path, "/2010-04-01/Accounts/") {
				t.Errorf("sent to %s%s, want %s", got, r.URL.Path, tt.host)
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	account := map[string]string{"TWILIO_ACCOUNT_SID": accountSID}
	with := func(pairs ...string) map[string]string {
		env := map[string]string{"TWILIO_ACCOUNT_SID": account["TWILIO_ACCOUNT_SID"]}
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return env
	}
	for name, tt := range map[string]struct {
		env                  map[string]string
		opts, call           []payments.Option
		user, password, path string
	}{
		"token of the environment":               {with("TWILIO_AUTH_TOKEN", "t"), nil, nil, accountSID, "t", accountSID},
		"key of the environment":                 {with("TWILIO_API_KEY", keySID, "TWILIO_API_SECRET", "s"), nil, nil, keySID, "s", accountSID},
		"a key before a token":                   {with("TWILIO_AUTH_TOKEN", "t", "TWILIO_API_KEY", keySID, "TWILIO_API_SECRET", "s"), nil, nil, keySID, "s", accountSID},
		"a key without its secret is ignored":    {with("TWILIO_AUTH_TOKEN", "t", "TWILIO_API_KEY", keySID), nil, nil, accountSID, "t", accountSID},
		"a key before an OAuth app":              {with("TWILIO_CLIENT_ID", clientID, "TWILIO_CLIENT_SECRET", "c", "TWILIO_API_KEY", keySID, "TWILIO_API_SECRET", "s"), nil, nil, keySID, "s", accountSID},
		"an option before the environment":       {with("TWILIO_API_KEY", keySID, "TWILIO_API_SECRET", "s"), []payments.Option{payments.WithCredentials(otherAccount, "o")}, nil, otherAccount, "o", otherAccount},
		"a key by option":                        {nil, []payments.Option{payments.WithAPIKey(accountSID, keySID, "s")}, nil, keySID, "s", accountSID},
		"a subaccount":                           {with("TWILIO_AUTH_TOKEN", "t"), []payments.Option{payments.WithAccount(otherAccount)}, nil, accountSID, "t", otherAccount},
		"a subaccount in any order":              {nil, []payments.Option{payments.WithAccount(otherAccount), payments.WithCredentials(accountSID, "t")}, nil, accountSID, "t", otherAccount},
		"a subaccount for one call":              {with("TWILIO_AUTH_TOKEN", "t"), nil, []payments.Option{payments.WithAccount(otherAccount)}, accountSID, "t", otherAccount},
		"a client's subaccount is not another's": {with("TWILIO_AUTH_TOKEN", "t"), []payments.Option{payments.WithAccount(accountSID)}, []payments.Option{payments.WithCredentials(otherAccount, "o")}, otherAccount, "o", otherAccount},
		"a call's options keep the subaccount":   {with("TWILIO_AUTH_TOKEN", "t"), []payments.Option{payments.WithAccount(otherAccount)}, []payments.Option{payments.WithMaxRetries(1)}, accountSID, "t", otherAccount},
		"other credentials per call":             {with("TWILIO_AUTH_TOKEN", "t"), nil, []payments.Option{payments.WithCredentials(otherAccount, "o")}, otherAccount, "o", otherAccount},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, tt.env)
			r := sentTo(t, tt.call, tt.opts...)
			user, password, _ := r.BasicAuth()
			if user != tt.user || password != tt.password || !strings.Contains(r.URL.Path, "/Accounts/"+tt.path+"/Calls/") {
				t.Errorf("sent as %s:%s, want %s:%s, to %s", user, password, tt.user, tt.password, r.URL.Path)
			}
		})
	}
}

func TestNewClientRefuses(t *testing.T) {
	good := payments.WithCredentials(accountSID, authToken)
	for name, tt := range map[string]struct {
		env  map[string]string
		opts []payments.Option
		want string
	}{
		"no credentials":          {nil, nil, "no credentials"},
		"only a token":            {map[string]string{"TWILIO_AUTH_TOKEN": authToken}, nil, "no credentials: TWILIO_AUTH_TOKEN is set, TWILIO_ACCOUNT_SID is not"},
		"only an account":         {map[string]string{"TWILIO_ACCOUNT_SID": accountSID}, nil, "no credentials: TWILIO_ACCOUNT_SID is set, TWILIO_AUTH_TOKEN (or"},
		"only a key":              {map[string]string{"TWILIO_API_KEY": keySID, "TWILIO_API_SECRET": "marked"}, nil, "TWILIO_API_KEY is set, TWILIO_ACCOUNT_SID is not"},
		"only a secret":           {map[string]string{"TWILIO_API_SECRET": "marked"}, nil, "TWILIO_API_SECRET is set, TWILIO_ACCOUNT_SID is not"},
		"a key without secret":    {map[string]string{"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_API_KEY": keySID}, nil, "TWILIO_API_KEY is set, TWILIO_API_SECRET is not"},
		"a secret without key":    {map[string]string{"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_API_SECRET": "marked"}, nil, "TWILIO_API_SECRET is set, TWILIO_API_KEY is not"},
		"only an OAuth app":       {map[string]string{"TWILIO_CLIENT_ID": clientID, "TWILIO_CLIENT_SECRET": "marked"}, nil, "TWILIO_CLIENT_ID is set, TWILIO_ACCOUNT_SID is not"},
		"only an app's secret":    {map[string]string{"TWILIO_CLIENT_SECRET": "marked"}, nil, "TWILIO_CLIENT_SECRET is set, TWILIO_ACCOUNT_SID is not"},
		"an app without secret":   {map[string]string{"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_CLIENT_ID": clientID}, nil, "TWILIO_CLIENT_ID is set, TWILIO_CLIENT_SECRET is not"},
		"a secret, no client ID":  {map[string]string{"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_CLIENT_SECRET": "marked"}, nil, "TWILIO_CLIENT_SECRET is set, TWILIO_CLIENT_ID is not"},
		"env: another server":     {map[string]string{"TWILIO_BASE_URL": "https://marked.example"}, []payments.Option{good}, "TWILIO_BASE_URL must be a loopback address"},
		"env: plain http":         {map[string]string{"TWILIO_BASE_URL": "http://marked.example"}, []payments.Option{good}, "TWILIO_BASE_URL must be https"},
		"env: all addresses":      {map[string]string{"TWILIO_BASE_URL": "https://0.0.0.0:1"}, []payments.Option{good}, "TWILIO_BASE_URL must be a loopback address"},
		"env: credentials":        {map[string]string{"TWILIO_BASE_URL": "http://u:marked@localhost"}, []payments.Option{good}, "TWILIO_BASE_URL must not hold credentials"},
		"env: no URL":             {map[string]string{"TWILIO_BASE_URL": "localhost:4010"}, []payments.Option{good}, "TWILIO_BASE_URL must be an absolute URL"},
		"a nil option":            {nil, []payments.Option{good, nil}, "payments: option 2: must not be nil"},
		"env: an invalid account": {map[string]string{"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": authToken}, nil, "TWILIO_ACCOUNT_SID must be AC"},
		"env: an invalid key":     {map[string]string{"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_API_KEY": "marked:x", "TWILIO_API_SECRET": "s"}, nil, "TWILIO_API_KEY must be SK"},
		"env: an invalid region":  {map[string]string{"TWILIO_REGION": "a.b", "TWILIO_EDGE": "c"}, []payments.Option{good}, "TWILIO_REGION"},
		"an invalid account":      {nil, []payments.Option{payments.WithCredentials("AC../..", authToken)}, "WithCredentials"},
		"an empty token":          {nil, []payments.Option{payments.WithCredentials(accountSID, "")}, "auth token must not be empty"},
		"a key of another kind":   {nil, []payments.Option{payments.WithAPIKey(accountSID, accountSID, "marked-secret")}, "WithAPIKey"},
		"a key, invalid account":  {nil, []payments.Option{payments.WithAPIKey("x", keySID, "marked-secret")}, "WithAPIKey"},
		"an empty secret":         {nil, []payments.Option{payments.WithAPIKey(accountSID, keySID, "")}, "secret must not be empty"},
		"an invalid subaccount":   {nil, []payments.Option{good, payments.WithAccount("../x")}, "WithAccount"},
		"plain http":              {nil, []payments.Option{good, payments.WithBaseURL("http://api.twilio.com")}, "https"},
		"http by a loopback name": {nil, []payments.Option{good, payments.WithBaseURL("http://127.0.0.1.example.com")}, "https"},
		"a relative base URL":     {nil, []payments.Option{good, payments.WithBaseURL("/x")}, "absolute"},
		"only a port":             {nil, []payments.Option{good, payments.WithBaseURL("https://:443")}, "host"},
		"another scheme":          {nil, []payments.Option{good, payments.WithBaseURL("ftp://a.example")}, "https"},
		"no URL":                  {nil, []payments.Option{good, payments.WithBaseURL("https://a.example/%zz")}, "absolute"},
		"credentials in it":       {nil, []payments.Option{good, payments.WithBaseURL("https://u:marked-secret@a.example")}, "credentials"},
		"a query in it":           {nil, []payments.Option{good, payments.WithBaseURL("https://a.example?x=1")}, "query"},
		"a fragment in it":        {nil, []payments.Option{good, payments.WithBaseURL("https://a.example#x")}, "fragment"},
		"a region that is a host": {nil, []payments.Option{good, payments.WithRegion("evil.example.com/")}, "WithRegion"},
		"an empty edge":           {nil, []payments.Option{good, payments.WithEdge("")}, "WithEdge"},
		"a region without edge":   {nil, []payments.Option{good, payments.WithRegion("zz9")}, "WithEdge"},
		"no http client":          {nil, []payments.Option{good, payments.WithHTTPClient(nil)}, "WithHTTPClient"},
		"a product with a break":  {nil, []payments.Option{good, payments.WithUserAgent("a\r\nb: c")}, "WithUserAgent"},
		"negative retries":        {nil, []payments.Option{good, payments.WithMaxRetries(-1)}, "WithMaxRetries"},
		"a negative timeout":      {nil, []payments.Option{good, payments.WithAttemptTimeout(-1)}, "WithAttemptTimeout"},
		"no logger":               {nil, []payments.Option{good, payments.WithLogger(nil)}, "WithLogger"},
		"nil info":                {nil, []payments.Option{good, payments.WithResponseInfo(nil)}, "WithResponseInfo"},
		"info for a client":       {nil, []payments.Option{good, payments.WithResponseInfo(&payments.ResponseInfo{})}, "one call"},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, tt.env)
			client, err := payments.NewClient(tt.opts...)
			if err == nil || client != nil || !strings.HasPrefix(err.Error(), "payments: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want an error that says %q", client, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "marked") {
				t.Errorf("the error prints a secret: %v", err)
			}
		})
	}
}

func TestUserAgent(t *testing.T) {
	setEnv(t, nil)
	r := sentTo(t, nil, payments.WithCredentials(accountSID, authToken), payments.WithUserAgent("shop/2.1 (x)"))
	if agent := r.UserAgent(); !strings.HasPrefix(agent, "twiliopay-go/") || !strings.HasSuffix(agent, " shop/2.1 (x)") {
		t.Errorf("User-Agent is %q", agent)
	}
}
