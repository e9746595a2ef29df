package config

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder walks the tree against the key tags of Config.
type decoder struct {
	*report
	secrets secretReader
}

// value reads a node into v. A null leaves v as it is: the default stands.
func (d *decoder) value(n *yaml.Node, v reflect.Value, key string) {
	switch {
	case n.Kind == yaml.AliasNode, n.Anchor != "":
		d.fault(key, "uses a YAML anchor or alias; write the value out, or put it in quotes if it begins with & or *")
	case n.Style&yaml.TaggedStyle != 0:
		d.fault(key, "uses a YAML tag; put the value in quotes if it begins with !")
	case isNull(n):
	case leaves[v.Type()] != nil:
		d.leaf(n, v, key)
	case v.Kind() == reflect.Struct:
		d.mapping(n, v, key)
	case v.Kind() == reflect.Slice:
		d.list(n, v, key)
	default: // a key was added with a type that nothing reads: better refused than ignored
		d.fault(key, "cannot be read by this version (%s); remove it", v.Type())
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.MappingNode {
		d.fault(key, "must hold keys (%s), not %s", strings.Join(keysOf(v.Type()), ", "), kindOf(n))
		return
	}
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, child := n.Content[i], n.Content[i+1]
		path := join(key, printable(name))
		first, twice := seen[name.Value]
		if !twice {
			d.places[path] = d.placeOf(name, child)
			seen[name.Value] = name
		}
		field, known := fieldOf(v, name)
		switch {
		case twice:
			d.twice(path, first, name)
		case !known:
			d.fault(path, "%s", unknownKey(name, keysOf(v.Type())))
		default:
			d.value(child, field, path)
		}
	}
}

// twice is a fault at the second place; the first one may have faults of its own.
func (d *decoder) twice(key string, first, second *yaml.Node) {
	problem := "is given twice; keep one"
	if first.Line > 0 {
		problem = fmt.Sprintf("is given twice, first in line %d; keep one", first.Line)
	}
	d.add(Fault{Line: second.Line, Variable: d.variables[second], Key: key, Problem: problem})
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.SequenceNode {
		d.fault(key, "must be a list, not %s", kindOf(n))
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, child := range n.Content {
		path := fmt.Sprintf("%s[%d]", key, i)
		d.places[path] = d.placeOf(child, child)
		if isNull(child) {
			d.fault(path, "is empty; remove it or fill it in")
			continue
		}
		if e, ok := items.Index(i).Addr().Interface().(defaulter); ok {
			e.setDefaults()
		}
		d.value(child, items.Index(i), path)
	}
	v.Set(items)
}

// placeOf is the line of the key, unless a variable gave the value.
func (d *decoder) placeOf(name, value *yaml.Node) place {
	return place{line: name.Line, variable: d.variables[value]}
}

// fieldOf finds the struct field that a key names.
func fieldOf(v reflect.Value, name *yaml.Node) (reflect.Value, bool) {
	if name.Kind != yaml.ScalarNode {
		return reflect.Value{}, false
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("key") == name.Value {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// keysOf lists the keys of a struct in the order of the file.
func keysOf(t reflect.Type) []string {
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = t.Field(i).Tag.Get("key")
	}
	return keys
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}
