package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// strictJSON is JSON that means one thing only. encoding/json lets the last of two
// equal names win and replaces what is not UTF-8: another reader on the way may have
// seen another amount or another text. Its errors quote the body, ours do not.
var strictJSON = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshalStrict}

var (
	errNotJSON   = errors.New("expected JSON")
	errNotUTF8   = errors.New("expected UTF-8")
	errTooDeep   = errors.New("nested too deeply")
	errNameTwice = errors.New("expected each name once in an object")
)

// maxDepth is far more than any body of ours has.
const maxDepth = 32

func unmarshalStrict(data []byte, into any) error {
	if !utf8.Valid(data) {
		return errNotUTF8
	}
	if !json.Valid(data) {
		return errNotJSON
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := namesOnce(d, 0); err != nil {
		return err
	}
	var mismatch *json.UnmarshalTypeError
	err := json.Unmarshal(data, into)
	if errors.As(err, &mismatch) {
		return fmt.Errorf("expected %s", wordOf(mismatch))
	}
	if err != nil {
		return errNotJSON
	}
	return nil
}

// wordOf names what was wanted without quoting what came.
func wordOf(e *json.UnmarshalTypeError) string {
	kind := e.Type.Kind().String()
	switch {
	case kind == "int64", kind == "int":
		kind = "an integer without fraction or exponent"
	case kind == "float64":
		kind = "a number of a usual size"
	}
	if e.Field != "" {
		return kind + " in " + e.Field
	}
	return kind
}

// namesOnce reads one value of valid JSON and looks for names that come twice.
func namesOnce(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return errNotJSON
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	if depth == maxDepth {
		return errTooDeep
	}
	names := map[any]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return errNotJSON
			}
			if names[name] {
				return errNameTwice
			}
			names[name] = true
		}
		if err := namesOnce(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
