package paymentstest

import "net/url"

// Operation is what a request asks for, as precisely as its body says.
type Operation string

// The operations. [Update] is an update with neither or both of Capture and
// Status; [Any] stands for all of them where a fault is described.
const (
	Create   Operation = "create"
	Capture  Operation = "capture"
	Complete Operation = "complete"
	Cancel   Operation = "cancel"
	Update   Operation = "update"
	Any      Operation = ""
)

// operationOf names the operation of a request by its operation in the contract
// and its form.
func operationOf(contractOperation string, form url.Values) Operation {
	if contractOperation == "CreatePayments" {
		return Create
	}
	switch capture, status := form.Get("Capture"), form.Get("Status"); {
	case capture != "" && status == "":
		return Capture
	case capture == "" && status == "complete":
		return Complete
	case capture == "" && status == "cancel":
		return Cancel
	}
	return Update
}
