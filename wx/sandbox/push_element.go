package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// ErrFields: the content of a raw event.
var ErrFields = errors.New("fields is an object of strings, numbers, booleans, objects and lists of them; names are letters, digits and _")

// element is one field of a message. Its value is a string, a number, elements, or a list of such.
type element struct {
	name  string
	value any
}

// elements keep their order, as the platform's messages do.
type elements []element

var elementName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// elementsOf sorts a map by name.
func elementsOf(content map[string]any) (elements, error) {
	var out elements
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if !elementName.MatchString(name) {
			return nil, fmt.Errorf("%q: %w", name, ErrFields)
		}
		value, err := valueOf(content[name])
		if err != nil {
			return nil, err
		}
		out = append(out, element{name, value})
	}
	return out, nil
}

func valueOf(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		return elementsOf(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = valueOf(v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case string, bool, int, int64, float64, json.Number:
		return v, nil
	}
	return nil, fmt.Errorf("%T: %w", v, ErrFields)
}

// get is the text of a field, or nothing.
func (f elements) get(name string) string {
	for _, one := range f {
		if text, is := one.value.(string); is && one.name == name {
			return text
		}
	}
	return ""
}

// xml writes strings as CDATA and a list as an element for each item.
func (f elements) xml() string {
	var out strings.Builder
	for _, one := range f {
		items, list := one.value.([]any)
		if !list {
			items = []any{one.value}
		}
		for _, item := range items {
			out.WriteString("<" + one.name + ">" + xmlText(item) + "</" + one.name + ">\n")
		}
	}
	return out.String()
}

func xmlText(v any) string {
	switch v := v.(type) {
	case elements:
		return v.xml()
	case []any:
		return elements{{"item", v}}.xml()
	case string:
		return "<![CDATA[" + strings.ReplaceAll(v, "]]>", "]]]]><![CDATA[>") + "]]>"
	}
	return string(encode(v))
}

// MarshalJSON keeps the order.
func (f elements) MarshalJSON() ([]byte, error) {
	out := []byte("{")
	for i, one := range f {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, encode(one.name)...), ':'), encode(one.value)...)
	}
	return append(out, '}'), nil
}
