package payments

import (
	"io"
	"net/http"

	"github.com/twiliopay/twiliopay-go/generated"
)

// createForm and updateForm are what the two operations of the API differ in.
type (
	createForm CreateParams
	updateForm UpdateParams
)

func (p *createForm) check() violations {
	var v violations
	checkCreate(&v, (*CreateParams)(p))
	return v
}

func (p *createForm) request(server, accountSID, callSID, _ string, body io.Reader) (*http.Request, error) {
	return generated.NewCreatePaymentsRequestWithBody(server, accountSID, callSID, formType, body)
}

func (p *updateForm) check() violations {
	var v violations
	checkUpdate(&v, (*UpdateParams)(p))
	return v
}

func (p *updateForm) request(server, accountSID, callSID, sid string, body io.Reader) (*http.Request, error) {
	return generated.NewUpdatePaymentsRequestWithBody(server, accountSID, callSID, sid, formType, body)
}
