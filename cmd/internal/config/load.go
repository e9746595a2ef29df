package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFileSize bounds what is read: no honest configuration comes near it.
const maxFileSize = 1 << 20

// Load reads the file at path, applies the WXHUB_ variables of env (as
// os.Environ gives it) and returns a Config that has passed every check.
// A non-nil error is an *Error with all that is wrong. Secrets given as
// file:PATH are read relative to the directory of the configuration file.
func Load(path string, env []string) (*Config, error) {
	r := newReport(path)
	root := r.readFile(path)
	if root == nil {
		return nil, r.err()
	}
	vars := variables(env)
	r.override(root, vars)
	cfg := Default()
	d := &decoder{report: r, secrets: secretReader{dir: filepath.Dir(path), vars: vars}}
	d.value(root, reflect.ValueOf(cfg).Elem(), "")
	cfg.normalise()
	r.validate(cfg)
	if err := r.err(); err != nil {
		return nil, err
	}
	return cfg, nil
}

// readFile parses the file into its root mapping; nil after a fault.
func (r *report) readFile(path string) *yaml.Node {
	f, err := os.Open(path)
	if err != nil {
		r.fault("", "cannot read the configuration: %s; name the right file with --config", reason(err))
		return nil
	}
	defer func() { _ = f.Close() }() // opened for reading: nothing to lose
	text, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	switch {
	case err != nil:
		r.fault("", "cannot read the configuration: %s; name the right file with --config", reason(err))
		return nil
	case len(text) > maxFileSize:
		r.fault("", "is larger than %d bytes; is this the configuration?", maxFileSize)
		return nil
	}
	root, line, err := parse(text)
	if err != nil {
		r.add(Fault{Line: line, Problem: err.Error()})
		return nil
	}
	return root
}

// parse reads exactly one document; an empty one is an empty mapping.
func parse(text []byte) (root *yaml.Node, line int, err error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return &yaml.Node{Kind: yaml.MappingNode, Line: 1}, 0, nil
	case err != nil:
		line, err = syntaxFault(err)
		return nil, line, err
	}
	switch err := dec.Decode(&more); {
	case err == nil:
		return nil, more.Line, errors.New("holds a second YAML document; keep one, without ---")
	case !errors.Is(err, io.EOF):
		line, err = syntaxFault(err)
		return nil, line, err
	}
	root = doc.Content[0]
	if isNull(root) {
		root = &yaml.Node{Kind: yaml.MappingNode, Line: 1}
	}
	return root, 0, nil
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxFault takes the line out of the parser's error. The one message that quotes
// the text is replaced: it may be a secret that somebody forgot to quote.
func syntaxFault(err error) (line int, _ error) {
	m := syntaxLine.FindStringSubmatch(err.Error())
	if m == nil {
		return 0, errors.New("is not valid YAML; check indentation and quotes")
	}
	line, _ = strconv.Atoi(m[1])
	if strings.Contains(m[2], "unknown anchor") {
		return line, errors.New("a value that begins with * is a YAML alias; put it in quotes")
	}
	return line, fmt.Errorf("is not valid YAML (%s); check indentation and quotes", m[2])
}

// reason is a file error without the path, which the fault names already.
func reason(err error) string {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return "it cannot be read"
}
