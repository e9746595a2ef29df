package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error lists everything that is wrong with a configuration.
type Error struct {
	Faults []Fault
}

// Fault is one thing to mend. It never holds the value of a secret.
type Fault struct {
	File     string // the configuration file, as it was named
	Line     int    // 0: not known
	Variable string // the environment variable that caused it; "" when the file did
	Key      string // path of the key, such as wechat.apps[0].secret; "" for the file as a whole
	Problem  string // what is wrong and what to do
}

// Error gives one line for each fault.
func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// String is the fault on one line: place, key, problem.
func (f Fault) String() string {
	place := f.File
	switch {
	case f.Variable != "":
		place = f.Variable
	case f.Line > 0:
		place = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	if f.Key == "" {
		return place + ": " + f.Problem
	}
	return place + ": " + f.Key + ": " + f.Problem
}

// place is where a key was given.
type place struct {
	line     int
	variable string
}

// report collects faults and knows where each key came from.
type report struct {
	file      string
	variables map[*yaml.Node]string // nodes that an environment variable put into the tree
	places    map[string]place
	faulty    map[string]bool
	faults    []Fault
}

func newReport(file string) *report {
	return &report{
		file: file, variables: map[*yaml.Node]string{}, places: map[string]place{}, faulty: map[string]bool{},
	}
}

// fault records a problem of a key at the place of that key or, when it is
// missing, of what should hold it. A key has one fault at most, and none when
// what holds it could not be read: consequences are not worth a line.
func (r *report) fault(key, format string, args ...any) {
	p, known := place{}, false
	for k := key; ; k = parent(k) {
		if r.faulty[k] {
			return
		}
		if !known {
			p, known = r.places[k]
		}
		if k == "" {
			break
		}
	}
	r.add(Fault{Line: p.line, Variable: p.variable, Key: key, Problem: fmt.Sprintf(format, args...)})
}

func (r *report) add(f Fault) {
	f.File = r.file
	if f.Key != "" {
		r.faulty[f.Key] = true
	}
	r.faults = append(r.faults, f)
}

// err is nil when there is nothing to mend; else faults in the order of the file,
// those of the environment last.
func (r *report) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(r.faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Variable, b.Variable), cmp.Compare(a.Line, b.Line))
	})
	return &Error{Faults: r.faults}
}

// parent of "a.b[0]" is "a.b", of "a.b" is "a", of "a" is "".
func parent(key string) string {
	return key[:max(strings.LastIndexAny(key, ".["), 0)]
}

// join makes the path of a key below another.
func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
