package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/twilio/twilio-go/client"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
)

var options = []callback.Option{
	callback.WithAuthTokens(clients.AuthToken),
	callback.WithPublicURL("https://pay.example.com"),
	callback.WithLogger(slog.New(slog.DiscardHandler)),
}

// deliveryGroup is the receipt of a status callback with twenty fields.
// twilio-go checks the signature and leaves the body to its caller.
func deliveryGroup() (group, error) {
	form := clients.EventForm()
	body, signature := []byte(form.Encode()), callback.Sign(clients.AuthToken, clients.CallbackURL, form)
	validator := client.NewRequestValidator(clients.AuthToken)
	understood, err := understand()
	if err != nil {
		return nil, err
	}
	handled, err := handle()
	if err != nil {
		return nil, err
	}
	refused, err := refuse(clients.CallbackURL)
	if err != nil {
		return nil, err
	}
	refusedInEveryForm, err := refuse(everyFormURL)
	if err != nil {
		return nil, err
	}
	return group{
		{"Callback/client=" + clients.Official, func(n int) error {
			for range n {
				if !validator.ValidateBody(clients.CallbackURL, body, signature) {
					return errors.New("a valid signature was refused")
				}
			}
			return nil
		}},
		{"Callback/client=" + clients.Floor, func(n int) error { return sign(n, form, body, signature) }},
		{"Callback/client=" + clients.Ours, understood},
		{"Delivery/client=" + clients.Ours, handled},
		{"Forgery/client=" + clients.Official, func(n int) error {
			for range n {
				if validator.ValidateBody(clients.CallbackURL, body, forgedSignature) {
					return errors.New("a forged signature was accepted")
				}
			}
			return nil
		}},
		{"Forgery/client=" + clients.Ours, refused},
		{"ForgeryOfEveryForm/client=" + clients.Official, func(n int) error {
			for range n {
				if validator.ValidateBody(everyFormURL, body, forgedSignature) {
					return errors.New("a forged signature was accepted")
				}
			}
			return nil
		}},
		{"ForgeryOfEveryForm/client=" + clients.Ours, refusedInEveryForm},
	}, nil
}

// sign is the least that a receiver has to do: compute one signature over a
// prepared message, and parse the form.
func sign(n int, form url.Values, body []byte, signature string) error {
	message := []byte(clients.CallbackURL)
	for _, key := range slices.Sorted(maps.Keys(form)) {
		message = append(append(message, key...), form.Get(key)...)
	}
	for range n {
		mac := hmac.New(sha1.New, []byte(clients.AuthToken))
		mac.Write(message)
		sum := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if subtle.ConstantTimeCompare([]byte(sum), []byte(signature)) != 1 {
			return errors.New("a valid signature was refused")
		}
		if _, err := url.ParseQuery(string(body)); err != nil {
			return err
		}
	}
	return nil
}

// understand checks the signature and parses the event: the middleware with a
// handler that parses.
func understand() (func(int) error, error) {
	verify, err := callback.Verify(options...)
	if err != nil {
		return nil, err
	}
	return deliver(verify(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e, err := callback.Parse(r.PostForm); err == nil && e.Result == callback.ResultSuccess {
			w.WriteHeader(http.StatusNoContent)
		}
	})))
}

// forgedSignature is well-formed and matches nothing, so every form of the URL
// is tried.
const forgedSignature = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="

// everyFormURL has as many forms to try as any URL: another port than the
// scheme's, characters to escape, and a query that encodes differently again.
const everyFormURL = "https://Pay.example.com:8443/caf\u00e9/status?name=O'Hara+jane@x"

// refuse is a delivery to address whose signature matches no form of it.
func refuse(address string) (func(int) error, error) {
	verify, err := callback.Verify(callback.WithAuthTokens(clients.AuthToken), callback.WithLogger(slog.New(slog.DiscardHandler)),
		callback.WithPublicURLFunc(func(*http.Request) string { return address }))
	if err != nil {
		return nil, err
	}
	d, err := clients.NewDelivery(clients.EventForm())
	if err != nil {
		return nil, err
	}
	d.Header.Set("X-Twilio-Signature", forgedSignature)
	h := verify(http.NotFoundHandler())
	return func(n int) error {
		for range n {
			if got := d.To(h); got != http.StatusForbidden {
				return fmt.Errorf("responded with %d", got)
			}
		}
		return nil
	}, nil
}

// handle is the complete handler: it also remembers the delivery and runs the
// function in a goroutine with a timeout.
func handle() (func(int) error, error) {
	memory, err := callback.NewMemoryDeduplicator(deliveries/2, time.Hour)
	if err != nil {
		return nil, err
	}
	h, err := callback.NewHandler(func(_ context.Context, e callback.Event) error {
		if e.Result != callback.ResultSuccess {
			return errors.New("not the event that was sent")
		}
		return nil
	}, append(slices.Clip(options), callback.WithDeduplicator(memory))...)
	if err != nil {
		return nil, err
	}
	return deliver(h)
}

// deliveries is how many events are delivered in turn. The handler remembers
// half of them, so each is new when its turn comes again.
const deliveries = 512

func deliver(h http.Handler) (func(int) error, error) {
	var all [deliveries]*clients.Delivery
	form := clients.EventForm()
	for i := range all {
		form.Set("DateUpdated", fmt.Sprintf("2021-08-10T03:58:27.%03dZ", i))
		d, err := clients.NewDelivery(form)
		if err != nil {
			return nil, err
		}
		all[i] = d
	}
	sent := 0
	return func(n int) error {
		for range n {
			sent++
			if got := all[sent%deliveries].To(h); got != http.StatusNoContent {
				return fmt.Errorf("responded with %d", got)
			}
		}
		return nil
	}, nil
}
