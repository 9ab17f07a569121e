package console

import (
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

var captures = []named{
	{string(payments.CapturePaymentCardNumber), "card number"},
	{string(payments.CaptureExpirationDate), "expiration date"},
	{string(payments.CaptureSecurityCode), "security code"},
	{string(payments.CapturePostalCode), "postal code"},
	{string(payments.CaptureBankRoutingNumber), "bank routing number"},
	{string(payments.CaptureBankAccountNumber), "bank account number"},
	{string(payments.CapturePaymentCardNumberMatcher), "card number, again"},
	{string(payments.CaptureExpirationDateMatcher), "expiration date, again"},
	{string(payments.CaptureSecurityCodeMatcher), "security code, again"},
	{string(payments.CapturePostalCodeMatcher), "postal code, again"},
}

// card is a test card on the page.
type card struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Type   string `json:"type,omitempty"`
	Method string `json:"method"`
	Last   string `json:"last"`
}

type mistake struct {
	Name     string             `json:"name"`
	Label    string             `json:"label"`
	Captures []payments.Capture `json:"captures"`
}

var cardLabels = map[string]string{
	"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover", "diners-club": "Diners Club",
	"jcb": "JCB", "unionpay": "UnionPay", "maestro": "Maestro", "ach": "Bank account",
}

func shownCards() []card {
	var list []card
	for _, t := range paymentstest.TestCards() {
		list = append(list, card{t.Name, cardLabels[t.Name], string(t.Type), string(t.Method), t.LastDigits})
	}
	return list
}

func shownMistakes() []mistake {
	var list []mistake
	for _, m := range paymentstest.Mistakes() {
		list = append(list, mistake{m.Name, m.Text, m.Captures})
	}
	return list
}

// snippet is code to copy that points an application at the server. It has no
// auth token; the program prints that.
type snippet struct {
	Language string `json:"language"`
	Title    string `json:"title"`
	Text     string `json:"text"`
}

func (c *Console) snippets() []snippet {
	url, account := c.srv.URL, c.srv.AccountSID()
	env := "export TWILIO_BASE_URL=" + url + "\nexport TWILIO_ACCOUNT_SID=" + account + "\nexport TWILIO_AUTH_TOKEN=…   # printed by the program\n"
	return []snippet{
		{"go", "Go, with this SDK: the client reads the environment", env + "\n// client, err := payments.NewClient()\n"},
		{"node", "Node.js, with the package twilio", `const twilio = require("twilio");
const client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN);
client.api.baseUrl = "` + url + `";
await client.calls(callSid).payments.create({
  idempotencyKey: crypto.randomUUID(), statusCallback: "http://127.0.0.1:8080/status", chargeAmount: 9.99,
});
`},
		{"python", "Python, with the package twilio", `import os, uuid
from twilio.rest import Client
client = Client(os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"])
client.api.base_url = "` + url + `"
client.calls(call_sid).payments.create(
    idempotency_key=str(uuid.uuid4()), status_callback="http://127.0.0.1:8080/status", charge_amount=9.99)
`},
		{"curl", "curl", `curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" -d IdempotencyKey=first -d ChargeAmount=9.99 \
  -d StatusCallback=http://127.0.0.1:8080/status \
  ` + url + "/2010-04-01/Accounts/" + account + "/Calls/CA00000000000000000000000000000001/Payments.json\n"},
	}
}

// about returns what does not change while the console runs.
func (c *Console) about(w http.ResponseWriter, _ *http.Request) error {
	reply(w, http.StatusOK, map[string]any{
		"instance": c.instance, "simulated": true, "baseURL": c.srv.URL, "accountSID": c.srv.AccountSID(),
		"cards": shownCards(), "mistakes": shownMistakes(), "callers": Scripts(), "captures": captures, "handMade": handMade,
		"faults": faultKinds, "deliveries": ways, "verdicts": declines, "assumptions": assumptions, "snippets": c.snippets(),
		"limits": map[string]int{
			"viewers": c.config.viewers, "entries": maxEntries, "body": maxBody, "commandsPerSecond": commandsPerSecond, "keys": maxKeys,
		},
	})
	return nil
}
