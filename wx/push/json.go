package push

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// readJSON reads {"Name":value,…}. Numbers stay as they were written, because a MsgId
// is larger than what a float64 can hold. Names count as they are written, and one that
// is there twice is refused: another reader might believe the other one.
func readJSON(body []byte) (fields, error) {
	if !json.Valid(body) {
		return nil, malformed("not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	found := fields{}
	if err := jsonValue(d, 0, found); err != nil {
		return nil, malformed(err.Error())
	}
	return found, nil
}

// jsonValue reads one value. Only the object at the top, of depth 0, leaves its scalars.
func jsonValue(d *json.Decoder, depth int, found fields) error {
	if depth >= maxDepth {
		return errors.New("nested too deep")
	}
	token, err := d.Token()
	if err != nil {
		return errors.New("not JSON")
	}
	switch token {
	case json.Delim('{'):
		return jsonObject(d, depth, found)
	case json.Delim('['):
		for d.More() {
			if err := jsonValue(d, depth+1, nil); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	return nil
}

func jsonObject(d *json.Decoder, depth int, found fields) error {
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return errors.New("not JSON")
		}
		name, _ := token.(string)
		if seen[name] {
			return errors.New("a field is there twice")
		}
		seen[name] = true
		if err := jsonField(d, depth, name, found); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// jsonField reads the value of a name, and keeps it if it is a scalar at the top.
func jsonField(d *json.Decoder, depth int, name string, found fields) error {
	if depth > 0 {
		return jsonValue(d, depth+1, nil)
	}
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return errors.New("not JSON")
	}
	inner := json.NewDecoder(bytes.NewReader(raw))
	inner.UseNumber()
	if raw[0] == '{' || raw[0] == '[' {
		return jsonValue(inner, depth+1, nil)
	}
	token, err := inner.Token()
	switch value := token.(type) {
	case string:
		found[name] = value
	case json.Number:
		found[name] = value.String()
	case bool:
		found[name] = strconv.FormatBool(value)
	}
	return err // null is a field that is not there
}
