package validators

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// kin is kin-openapi with the strict form decoder that paymentstest uses.
type kin struct{ validator *validator.Validator }

// Kin returns kin-openapi as a Validator.
func Kin(document []byte) (Validator, error) {
	j, err := validator.New(document)
	if err != nil {
		return nil, fmt.Errorf("kin: %w", err)
	}
	return kin{j}, nil
}

func (kin) Name() string { return "kin" }

func (k kin) Request(r Request) error {
	u, err := url.ParseRequestURI(r.Target)
	if err != nil {
		return err
	}
	_, err = k.validator.Request(&http.Request{Method: r.Method, URL: u, Header: r.Header}, []byte(r.Body))
	return err
}

func (k kin) Response(a Response) error {
	return k.validator.Response(a.Request.Operation(), a.Status, a.Header, []byte(a.Body))
}
