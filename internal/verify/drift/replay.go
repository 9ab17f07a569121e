package drift

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/golden"
	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// replay validates the SDK's known requests, and a response that it is known to
// accept, by both contracts. It returns those that only the older one allows.
func replay(before, after *Revision) ([]string, error) {
	older, err := validator.New(before.mergedText)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", before.Name, err)
	}
	newer, err := validator.New(after.mergedText)
	if err != nil { // a rule that nothing enforces yet
		return []string{"the contract cannot be enforced: " + oneLine(err.Error())}, nil
	}
	requests, err := golden.Requests()
	if err != nil {
		return nil, err
	}
	var refused []string
	for _, name := range sortedKeys(requests) {
		q := requests[name]
		ask := func(j *validator.Validator) error {
			r, err := http.NewRequest(q.Method, "https://api.twilio.com"+q.Target, strings.NewReader(q.Body))
			if err != nil {
				return err
			}
			r.Header = q.Header.Clone()
			_, err = j.Request(r, []byte(q.Body))
			return err
		}
		if ask(older) == nil {
			if err := ask(newer); err != nil {
				refused = append(refused, fmt.Sprintf("request %s: %s", name, oneLine(err.Error())))
			}
		}
	}
	for _, operation := range []string{"CreatePayments", "UpdatePayments"} {
		if taken(older, before, operation) == nil {
			if err := taken(newer, after, operation); err != nil {
				refused = append(refused, fmt.Sprintf("response to %s: %s", operation, oneLine(err.Error())))
			}
		}
	}
	return refused, nil
}

// session is a response of Twilio.
var session = map[string]any{
	"account_sid": golden.Account, "call_sid": golden.CallSID, "sid": golden.SID,
	"date_created": "Wed, 18 Dec 2019 20:02:01 +0000", "date_updated": "Wed, 18 Dec 2019 20:02:01 +0000",
	"uri": "/2010-04-01/Accounts/" + golden.Account + "/Calls/" + golden.CallSID + "/Payments/" + golden.SID + ".json",
}

// taken reports an error unless a contract allows the session under one of its
// 2xx statuses; the client accepts all of them.
func taken(j *validator.Validator, r *Revision, operation string) error {
	body, err := json.Marshal(session)
	if err != nil {
		return err
	}
	err = fmt.Errorf("no 2xx status is declared")
	for _, status := range r.facts.statuses(operation) {
		if err = j.Response(operation, status, http.Header{"Content-Type": {"application/json"}}, body); err == nil {
			return nil
		}
	}
	return err
}

// statuses are the 2xx statuses that an operation declares.
func (d *document) statuses(operation string) []int {
	var found []int
	paths, _ := d.at("paths").(map[string]any)
	for _, item := range paths {
		methods, _ := item.(map[string]any)
		for _, v := range methods {
			o, _ := v.(map[string]any)
			if o["operationId"] != operation {
				continue
			}
			responses, _ := o["responses"].(map[string]any)
			for _, status := range sortedKeys(responses) {
				var n int
				if _, err := fmt.Sscan(status, &n); err == nil && n/100 == 2 {
					found = append(found, n)
				}
			}
		}
	}
	return found
}
