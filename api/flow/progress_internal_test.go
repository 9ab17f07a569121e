package flow

import (
	"reflect"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// TestProgressEquals changes each field: a field that equals ignored would be
// lost in stored progress that shares the rest.
func TestProgressEquals(t *testing.T) {
	t.Parallel()
	for i := range reflect.TypeFor[Progress]().NumField() {
		var p, q Progress
		field := reflect.ValueOf(&q).Elem().Field(i)
		switch field.Interface().(type) {
		case time.Time:
			field.Set(reflect.ValueOf(time.Unix(1, 0)))
		case []payments.Capture:
			field.Set(reflect.ValueOf([]payments.Capture{payments.CaptureSecurityCode}))
		default:
			switch field.Kind() {
			case reflect.String:
				field.SetString("x")
			case reflect.Bool:
				field.SetBool(true)
			case reflect.Int:
				field.SetInt(1)
			default:
				t.Fatalf("no value for a %s", field.Type())
			}
		}
		if p.equals(&q) || !q.equals(&q) {
			t.Errorf("%s is not compared", reflect.TypeFor[Progress]().Field(i).Name)
		}
	}
}
