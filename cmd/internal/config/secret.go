package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// maxSecretSize bounds a secret's file; a PEM key of 8192 bits has about 6 KiB.
const maxSecretSize = 64 << 10

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// secretReader resolves the three forms of a secret.
type secretReader struct {
	dir  string            // of the configuration file
	vars map[string]string // the environment
}

// read gives the value of "env:NAME", "file:PATH" or the text itself.
func (s secretReader) read(text string) (string, error) {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		return s.fromEnv(name)
	}
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		return s.fromFile(path)
	}
	return text, nil
}

func (s secretReader) fromEnv(name string) (string, error) {
	if !variableName.MatchString(name) {
		return "", errors.New("env: must be followed by the name of an environment variable")
	}
	value := s.vars[name]
	if value == "" {
		return "", fmt.Errorf("the environment variable %s is not set; set it or give the value another way", name)
	}
	return value, nil
}

func (s secretReader) fromFile(path string) (string, error) {
	if !plausiblePath(path) {
		return "", errors.New("file: must be followed by the path of a file, not by what is in it")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.dir, path)
	}
	value, err := readSmallFile(path)
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %s; check the path and its permissions", path, reason(err))
	}
	value = strings.TrimRight(value, "\r\n") // editors and echo end a file with a newline
	switch {
	case len(value) > maxSecretSize:
		return "", fmt.Errorf("%s is larger than %d bytes; is this the right file?", path, maxSecretSize)
	case value == "":
		return "", fmt.Errorf("%s is empty; put the secret into it", path)
	}
	return value, nil
}

// readSmallFile reads at most one byte more than a secret may have. Anything but
// a regular file is refused first: opening a pipe could wait for ever.
func readSmallFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", &os.PathError{Op: "read", Path: path, Err: errors.New("it is not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // opened for reading: nothing to lose
	text, err := io.ReadAll(io.LimitReader(f, maxSecretSize+1))
	return string(text), err
}

// plausiblePath keeps a key that was pasted after "file:" out of the fault.
func plausiblePath(path string) bool {
	const longest = 1024
	return path != "" && len(path) <= longest && !strings.Contains(path, "-----") &&
		strings.IndexFunc(path, unicode.IsControl) < 0
}
