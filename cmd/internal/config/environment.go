package config

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	envPrefix  = "WXHUB_"
	testPrefix = "WXHUB_TEST_" // tells tests about servers; never a key
)

// fromKubernetes are the variables that every pod gets beside a Service called wxhub.
// No key has such a name.
var fromKubernetes = regexp.MustCompile(`^WXHUB_(SERVICE_(HOST|PORT.*)|PORT(_.*)?)$`)

// references collects the names in env:NAME values.
func references(n *yaml.Node, into map[string]bool) {
	if name, ok := strings.CutPrefix(n.Value, "env:"); ok && n.Kind == yaml.ScalarNode {
		into[name] = true
	}
	for _, c := range n.Content {
		references(c, into)
	}
}

// variables makes a table of "NAME=value" lines; as in a shell, the last one counts.
func variables(env []string) map[string]string {
	vars := make(map[string]string, len(env))
	for _, line := range env {
		if name, value, ok := strings.Cut(line, "="); ok {
			vars[name] = value
		}
	}
	return vars
}

// override puts the WXHUB_ variables into the tree. Holders come before what
// they hold, and elements in their order, so a list can be given as a whole and
// corrected, or be built element by element.
func (r *report) override(root *yaml.Node, vars map[string]string) {
	given := map[string]bool{} // secrets that the file takes from the environment
	references(root, given)
	var names []string
	for name := range vars {
		if strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, testPrefix) && !fromKubernetes.MatchString(name) && !given[name] {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.CompareFunc(segments(a), segments(b), compareSegments)
	})
	for _, name := range names {
		r.overrideOne(root, name, vars[name])
	}
}

func (r *report) overrideOne(root *yaml.Node, name, value string) {
	if name != strings.ToUpper(name) {
		r.add(Fault{Variable: name, Problem: "write the variable in upper case: " + strings.ToUpper(name)})
		return
	}
	node, err := valueNode(value)
	if err != nil {
		r.add(Fault{Variable: name, Problem: err.Error()})
		return
	}
	at, path := root, segments(name)
	for i, seg := range path {
		next, problem := child(at, seg)
		if problem != "" {
			r.add(Fault{Variable: name, Problem: strings.Join(path[:i], ".") + problem})
			return
		}
		if next.Line == 0 {
			r.variables[next] = name // made on the way, for this variable
		}
		at = next
	}
	*at = *node
	r.mark(at, name)
}

// mark remembers that a node and all below it come from a variable, not from a
// line of the file.
func (r *report) mark(n *yaml.Node, name string) {
	r.variables[n], n.Line = name, 0
	for _, c := range n.Content {
		r.mark(c, name)
	}
}

// valueNode turns a variable's value into a node: YAML when it begins like a list
// or a mapping, else plain text. An empty one gives the key its default back.
func valueNode(value string) (*yaml.Node, error) {
	switch {
	case value == "":
		return nullNode(), nil
	case value[0] == '[' || value[0] == '{':
		node, _, err := parse([]byte(value))
		return node, err
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}, nil
}

// child finds the node under a name or an index, or adds an empty one. An empty
// node becomes what the segment asks for: a list for an index, else a mapping.
func child(at *yaml.Node, seg string) (_ *yaml.Node, problem string) {
	i, notIndex := strconv.Atoi(seg)
	if isNull(at) {
		kind := yaml.MappingNode
		if notIndex == nil {
			kind = yaml.SequenceNode
		}
		*at = yaml.Node{Kind: kind, Line: at.Line}
	}
	switch at.Kind {
	case yaml.MappingNode:
		for k := 0; k+1 < len(at.Content); k += 2 {
			if at.Content[k].Value == seg {
				return at.Content[k+1], ""
			}
		}
		at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: seg}, nullNode())
		return at.Content[len(at.Content)-1], ""
	case yaml.SequenceNode:
		switch {
		case notIndex != nil || i < 0:
			return nil, " is a list; name an element by its index, such as __0__"
		case i > len(at.Content):
			return nil, " has no element " + seg + "; the next new one is " + strconv.Itoa(len(at.Content))
		case i == len(at.Content):
			at.Content = append(at.Content, nullNode())
		}
		return at.Content[i], ""
	}
	return nil, " holds a value, not further keys"
}

func nullNode() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"} }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// segments of WXHUB_WECHAT__APPS__0 are wechat, apps, 0.
func segments(name string) []string {
	return strings.Split(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "__")
}

func compareSegments(a, b string) int {
	i, errA := strconv.Atoi(a)
	j, errB := strconv.Atoi(b)
	if errA == nil && errB == nil {
		return cmp.Compare(i, j)
	}
	return cmp.Compare(a, b)
}
