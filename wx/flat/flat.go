// Package flat reads the flat XML documents of WeChat, <xml><Name>value</Name>…</xml>: the
// pushes to official accounts and the answers of WeChat Pay's APIv2.
package flat

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Read returns the fields of a document, their values as they came; fields that have
// fields of their own are left out. It refuses all of XML that WeChat never sends and two
// readers might understand differently: DOCTYPE and entities (X1), processing
// instructions, comments, namespaces, a name twice, text between fields, and more than
// depth levels. A declaration of the XML version at the very beginning means nothing and is
// let through. The caller limits the size.
//
// Errors say what is wrong and quote nothing.
func Read(body []byte, depth int) (map[string]string, error) {
	x := reader{Decoder: xml.NewDecoder(bytes.NewReader(body)), found: map[string]string{}, seen: map[string]bool{}, most: depth}
	for {
		token, err := x.Token()
		if errors.Is(err, io.EOF) && x.depth == 0 && x.ended {
			return x.found, nil
		}
		if err != nil {
			return nil, errors.New("not well-formed XML")
		}
		if why := x.take(token); why != "" {
			return nil, errors.New(why)
		}
	}
}

type reader struct {
	*xml.Decoder
	found  map[string]string
	seen   map[string]bool
	most   int  // levels
	begun  bool // something was read
	depth  int
	ended  bool // the root is closed
	nested bool // the present field has fields of its own
	text   strings.Builder
}

// take takes one token, and returns why not.
func (x *reader) take(token xml.Token) string {
	first := !x.begun
	x.begun = true
	switch token := token.(type) {
	case xml.StartElement:
		return x.start(token.Name)
	case xml.EndElement:
		x.end(token.Name.Local)
		return ""
	case xml.CharData:
		if x.depth < 2 && len(bytes.TrimSpace(token)) != 0 {
			return "text between the fields"
		}
		if x.depth == 2 {
			x.text.Write(token)
		}
		return ""
	}
	if version, ok := token.(xml.ProcInst); ok && first && version.Target == "xml" {
		return ""
	}
	return "a declaration, a comment or a processing instruction"
}

func (x *reader) start(name xml.Name) string {
	x.depth++
	switch {
	case x.ended:
		return "two roots"
	case name.Space != "":
		return "a namespace"
	case x.depth > x.most:
		return "nested too deep"
	case x.depth == 1 && name.Local != "xml":
		return "the root is not xml"
	case x.depth == 2 && x.seen[name.Local]:
		return "a field is there twice"
	case x.depth == 2:
		x.seen[name.Local], x.nested = true, false
		x.text.Reset()
	default:
		x.nested = x.depth > 2
	}
	return ""
}

func (x *reader) end(name string) {
	if x.depth == 2 && !x.nested {
		x.found[name] = x.text.String()
	}
	x.depth--
	x.ended = x.depth == 0
}
