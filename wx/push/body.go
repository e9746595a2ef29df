package push

import (
	"bytes"
	"unicode/utf8"
)

// fields are the scalar fields at the top of a body, under WeChat's names. A field that
// has fields of its own is read, for it must be well formed, and left out.
type fields map[string]string

// maxDepth is how deep a body may be nested; WeChat's go to 4.
const maxDepth = 12

// read reads a body, XML or JSON. Which of them its first character says and nothing
// else: the content type is as little signed as any header.
func read(body []byte) (fields, error) {
	if len(body) > MaxBody {
		return nil, malformed("too large")
	}
	if !utf8.Valid(body) {
		return nil, malformed("not UTF-8")
	}
	body = bytes.Trim(body, " \t\r\n")
	switch {
	case bytes.HasPrefix(body, []byte("<")):
		return readXML(body)
	case bytes.HasPrefix(body, []byte("{")):
		return readJSON(body)
	}
	return nil, malformed("neither XML nor JSON")
}
