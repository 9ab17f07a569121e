package console

import (
	"net/http"
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// Limits of a list of entries.
const (
	defaultEntries = 500
	maxEntries     = 2000
)

// entries lists a part of the journal: the entries after or before a number.
func (c *Console) entries(w http.ResponseWriter, r *http.Request) error {
	after, hasAfter, err := number(r, "after")
	if err != nil {
		return err
	}
	before, hasBefore, err := number(r, "before")
	if err != nil {
		return err
	}
	limit, hasLimit, err := number(r, "limit")
	if err != nil {
		return err
	}
	if !hasLimit {
		limit = defaultEntries
	}
	if limit < 1 || limit > maxEntries {
		return badField("limit", "must be 1 to %d", maxEntries)
	}
	first, last := c.bounds()
	if !hasBefore || before > last+1 {
		before = last + 1
	}
	if !hasAfter {
		after = max(before-1-limit, 0)
	}
	list := c.list(after, int(min(limit, max(before-1-after, 0))))
	for len(list) > 0 && list[len(list)-1].Number >= before { // the history has dropped the first ones meanwhile
		list = list[:len(list)-1]
	}
	reply(w, http.StatusOK, struct {
		Entries []paymentstest.Entry `json:"entries"`
		First   int64                `json:"first"`
		Last    int64                `json:"last"`
	}{append([]paymentstest.Entry{}, list...), first, last})
	return nil
}

func (c *Console) entry(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil || n < 1 {
		return badField("number", "must be the number of an entry")
	}
	e, err := c.entryAt(n)
	if err != nil {
		return err
	}
	reply(w, http.StatusOK, e)
	return nil
}

func (c *Console) entryAt(n int64) (paymentstest.Entry, error) {
	list := c.list(n-1, 1)
	if len(list) == 0 || list[0].Number != n {
		return paymentstest.Entry{}, notFound("this entry")
	}
	return list[0], nil
}

// list returns a part of the journal as the console shows it.
func (c *Console) list(after int64, limit int) []paymentstest.Entry {
	list := c.srv.Entries(after, limit)
	for i := range list {
		list[i] = withoutDigits(list[i])
	}
	return list
}

// bounds returns the numbers of the oldest entry in the history and of the last.
func (c *Console) bounds() (first, last int64) { return c.srv.EntryRange() }

// number parses a query parameter.
func number(r *http.Request, name string) (n int64, given bool, err error) {
	values := r.URL.Query()[name]
	if len(values) == 0 {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(values[0], 10, 64)
	if err != nil || n < 0 || len(values) > 1 {
		return 0, false, badField(name, "must be one whole number, 0 or more")
	}
	return n, true, nil
}
