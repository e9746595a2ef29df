package applyment

import (
	"fmt"
	"io"
	"reflect"
)

// digest writes everything of a request, so that two that differ anywhere differ here; the secrets too, which is why
// w must be a keyed hash and nothing else.
func digest(w io.Writer, request any) { digestValue(w, reflect.ValueOf(request)) }

func digestValue(w io.Writer, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			_, _ = io.WriteString(w, "-")
			return
		}
		_, _ = io.WriteString(w, "+")
		digestValue(w, v.Elem())
	case reflect.Slice:
		_, _ = fmt.Fprintf(w, "[%d]", v.Len())
		for i := range v.Len() {
			digestValue(w, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			digestValue(w, v.Field(i))
		}
	case reflect.Bool:
		_, _ = fmt.Fprint(w, v.Bool())
	default: // a text; there is nothing else in an application
		_, _ = fmt.Fprintf(w, "%d:%s", v.Len(), v.String())
	}
}
