package payments

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/paycode"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// Credentials authenticate requests to an account. Make them with
// [wire.NewCredentials]. They are never printed.
type Credentials = wire.Credentials

// A CredentialSource returns the credentials of an account. See
// [WithCredentialSource].
type CredentialSource = func(ctx context.Context, accountSID string) (Credentials, error)

// How long credentials are kept, and how long a source may take.
const (
	maxCredentialLife = 5 * time.Minute
	fetchTimeout      = 30 * time.Second
	maxAccounts       = 10_000
	// An access token is no longer sent within expiryMargin of its expiry: a
	// request may take that long to arrive, and clocks may differ by as much.
	expiryMargin = 10 * time.Second
	// failurePause is how long after a failed fetch no background fetch starts. A
	// call without credentials does not wait for it.
	failurePause = 5 * time.Second
)

// ErrCredentials means that no credentials could be obtained for a call. The
// call sent nothing to the API. See [CredentialError].
var ErrCredentials = errors.New("no credentials for the call")

// CredentialError is the cause of an [*Error] whose call got no credentials,
// from a source or from Twilio's OAuth server. errors.Is matches
// [ErrCredentials] and, by the server's status, [ErrAuthentication],
// [ErrRateLimited] or [ErrServer].
type CredentialError struct {
	AccountSID string
	Status     int    // of the OAuth server's last response, 0 when there was none
	Reason     string // the OAuth server's error code, such as "invalid_client"
	err        error
}

// Error describes the failure in one line.
func (e *CredentialError) Error() string {
	text := "no credentials for " + e.AccountSID
	if e.Status != 0 {
		text += fmt.Sprintf(": the OAuth server responded %d", e.Status)
	}
	if e.Reason != "" {
		text += " " + printable(e.Reason, maxID)
	}
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

// Unwrap returns the source's error.
func (e *CredentialError) Unwrap() error { return e.err }

// Is reports whether e means target.
func (e *CredentialError) Is(target error) bool {
	switch target {
	case ErrCredentials:
		return true
	case ErrAuthentication, ErrRateLimited, ErrServer:
		return paycode.Is(e.Status, 0, target)
	}
	return false // the other meanings of a status concern the Payments API
}

// WithCredentialSource calls source for the credentials of a call's account:
// for a secret manager, a database of subaccounts, or anything that rotates.
// The account is that of [WithAccount], by default TWILIO_ACCOUNT_SID.
//
// The client caches the result per account for at most five minutes, and not
// beyond its own expiry. Once four fifths of that time have passed, it calls
// source again in the background while calls continue. After a 401 it calls source
// again once, unless a call in progress returns other credentials, and continues
// the call with the result; that attempt does not count as a retry. One call of
// source runs at a time per account, in its own goroutine, with a context that
// ends after 30 s and has the values of the call that needed it first. Calls that
// need its result wait within their own contexts, for at most 31 s. If source
// returns an error or empty credentials, or panics, the call fails with an
// [*Error] that matches [ErrCredentials], and nothing is sent.
//
// Give it to NewClient: given to a call, nothing is cached.
func WithCredentialSource(source CredentialSource) Option {
	return func(c *config) error {
		if source == nil {
			return optionError("WithCredentialSource", "the source must not be nil")
		}
		fetch := func(ctx context.Context, _ *config, account string) (Credentials, error) { return source(ctx, account) }
		c.auth, c.ownAuth = auth{account: environmentAccount(), cache: newCredentialCache(fetch, maxCredentialLife)}, true
		return nil
	}
}

func environmentAccount() string {
	if account := os.Getenv("TWILIO_ACCOUNT_SID"); sid.Account.Is(account) {
		return account
	}
	return ""
}

// credentialCache keeps credentials by server and account: those fetched for one
// are never sent to another.
type credentialCache struct {
	fetch   func(ctx context.Context, c *config, account string) (Credentials, error)
	maxLife time.Duration // 0: until the credentials expire

	mu      sync.Mutex
	entries map[cacheKey]*cacheEntry
}

type cacheKey struct{ server, account string }

type cacheEntry struct {
	auth         *auth     // nil before the first fetch; each fetch stores a new pointer
	began        time.Time // the fetch of auth
	renew, until time.Time
	fetching     *fetching // nil when no fetch is running
}

// fetching is one fetch in progress. auth and err may be read once done is closed.
type fetching struct {
	began time.Time
	late  time.Time // when calls stop waiting, even if the source has not returned
	done  chan struct{}
	auth  *auth
	err   error
}

// refusedAuth is credentials that got a 401, and when.
type refusedAuth struct {
	*auth
	at time.Time
}

// covers reports whether credentials are the refused ones: a fetch that began before
// the 401 may return them again, and they are no good then.
func (r *refusedAuth) covers(a *auth, fetched time.Time) bool {
	return r != nil && a != nil && (a == r.auth || fetched.Before(r.at) && a.header() == r.header())
}

func newCredentialCache(fetch func(context.Context, *config, string) (Credentials, error), maxLife time.Duration) *credentialCache {
	return &credentialCache{fetch: fetch, maxLife: maxLife, entries: make(map[cacheKey]*cacheEntry)}
}

// authorize gives the call credentials other than the refused ones.
func (c *call) authorize(ctx context.Context, refused *refusedAuth) error {
	if c.auth.cache == nil {
		return nil
	}
	got, err := c.auth.cache.get(ctx, &c.config, refused)
	if err != nil {
		return err
	}
	if c.cached != nil && c.cached != got {
		c.replaced = append(c.replaced, c.cached)
	}
	c.cached = got
	c.auth.header, c.auth.secret = got.header, got.secret
	return nil
}

// get returns credentials for a call, other than the refused ones.
func (cc *credentialCache) get(ctx context.Context, c *config, refused *refusedAuth) (*auth, error) {
	for {
		known, f := cc.know(ctx, c, refused)
		if known != nil {
			return known, nil
		}
		got, err := f.wait(ctx, c.accountSID())
		if err != nil || !refused.covers(got, f.began) {
			return got, err
		}
	}
}

// wait returns the result of a fetch.
func (f *fetching) wait(ctx context.Context, account string) (*auth, error) {
	late := time.NewTimer(time.Until(f.late))
	defer late.Stop()
	select {
	case <-f.done:
		return f.auth, f.err
	case <-late.C:
		return nil, credentialError(account, errors.New("the source did not return in time"))
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// know returns the cached credentials for a call, or the fetch to wait for.
func (cc *credentialCache) know(ctx context.Context, c *config, refused *refusedAuth) (*auth, *fetching) {
	now := time.Now()
	cc.mu.Lock()
	defer cc.mu.Unlock()
	e := cc.entry(cacheKey{c.server, strings.ToLower(c.accountSID())})
	if refused.covers(e.auth, e.began) {
		e.auth = nil
	}
	usable := e.auth != nil && now.Before(e.until)
	if e.fetching != nil && !now.Before(e.fetching.late) {
		e.fetching = nil // the source ignores its context
	}
	if e.fetching == nil && (!usable || !now.Before(e.renew)) {
		e.fetching = &fetching{began: now, late: now.Add(fetchTimeout + time.Second), done: make(chan struct{})}
		go cc.run(context.WithoutCancel(ctx), *c, e, e.fetching)
	}
	if usable {
		return e.auth, nil
	}
	return nil, e.fetching
}

// entry returns the entry of a key. When the cache is full, a new entry replaces
// an arbitrary one.
func (cc *credentialCache) entry(key cacheKey) *cacheEntry {
	if e := cc.entries[key]; e != nil {
		return e
	}
	for k, e := range cc.entries {
		if len(cc.entries) < maxAccounts {
			break
		}
		if e.fetching == nil {
			delete(cc.entries, k) // its credentials are fetched again when needed
		}
	}
	e := new(cacheEntry)
	cc.entries[key] = e
	return e
}

func (cc *credentialCache) run(ctx context.Context, c config, e *cacheEntry, f *fetching) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	account, began := c.accountSID(), f.began
	f.err = credentialError(account, errors.New("the source ended its goroutine"))
	var life time.Duration
	defer func() {
		if r := recover(); r != nil {
			f.auth, f.err = nil, credentialError(account, errors.New("the source panicked"))
		}
		cc.mu.Lock()
		defer cc.mu.Unlock()
		defer close(f.done)
		if e.fetching != f { // abandoned: another fetch has replaced it
			return
		}
		e.fetching = nil
		if e.renew = time.Now().Add(failurePause); f.err == nil {
			e.auth, e.began, e.renew, e.until = f.auth, began, began.Add(life*4/5), began.Add(life)
		}
	}()
	f.auth, life, f.err = cc.load(ctx, &c, account, began)
}

// load calls the source. A source may return a nil pointer as its error, whose methods
// panic. load calls the methods that are used later, so that run recovers the panic.
func (cc *credentialCache) load(ctx context.Context, c *config, account string, began time.Time) (loaded *auth, life time.Duration, err error) {
	got, err := cc.fetch(ctx, c, account)
	if err == nil {
		loaded, life, err = keep(got, account, began, cc.maxLife)
	}
	if err == nil && !time.Now().Before(began.Add(life)) {
		err = errors.New("the credentials have expired")
	}
	if err != nil {
		err = credentialError(account, err)
		secrets(nil).show(err)
		return nil, 0, err
	}
	return loaded, life, nil
}

func credentialError(account string, err error) error {
	if e, ok := err.(*CredentialError); ok {
		named := *e // a copy: the source may share its error
		named.AccountSID = account
		return &named
	}
	return &CredentialError{AccountSID: account, err: err}
}

// keep returns the fetched credentials and how long they may be used.
func keep(got Credentials, account string, now time.Time, maxLife time.Duration) (*auth, time.Duration, error) {
	header, secret := got.Authorization(account)
	if header == "" {
		return nil, 0, errors.New("the credentials are empty")
	}
	if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, 0, errors.New("the credentials contain characters not allowed in a header")
	}
	life := maxLife
	if expires := got.Expires(); !expires.IsZero() {
		left := expires.Sub(now) - expiryMargin
		if left <= 0 {
			return nil, 0, errors.New("the credentials have expired")
		}
		if life == 0 || left < life {
			life = left
		}
	}
	return &auth{account: account, header: func() string { return header }, secret: func() string { return secret }}, life, nil
}
