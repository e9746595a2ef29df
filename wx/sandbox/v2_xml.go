package sandbox

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Bounds of a request in XML. The longest field, detail, has 6000 bytes.
const (
	v2MaxBody   = 64 << 10
	v2MaxFields = 64
)

var errV2XML = errors.New("not a flat document of APIv2")

// v2Field is one element of a flat document; answers keep their order.
type v2Field struct{ name, value string }

// v2Values are the elements of a request.
type v2Values map[string]string

// parseV2 reads <xml><name>value</name>…</xml> and nothing else: no DOCTYPE and so no entities of its own, no attributes,
// nothing nested, nothing twice, nothing behind it.
func parseV2(text []byte) (v2Values, error) {
	if len(text) > v2MaxBody {
		return nil, errV2XML
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	values, root, name, value := v2Values{}, false, "", ""
	depth := 0
	for {
		token, err := d.Token()
		if err == io.EOF && root && depth == 0 {
			return values, nil
		}
		if err != nil {
			return nil, errV2XML
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, errV2XML
		case xml.ProcInst:
			if root {
				return nil, errV2XML
			}
		case xml.StartElement:
			_, twice := values[t.Name.Local]
			switch {
			case t.Name.Space != "", len(t.Attr) > 0, depth > 1, depth == 0 && (root || t.Name.Local != "xml"),
				depth == 1 && (twice || len(values) == v2MaxFields):
				return nil, errV2XML
			}
			root, name, value = true, t.Name.Local, ""
			depth++
		case xml.EndElement:
			if depth--; depth == 1 {
				values[name] = value
			}
		case xml.CharData:
			if depth == 2 {
				value += string(t)
			} else if len(bytes.TrimSpace(t)) > 0 {
				return nil, errV2XML
			}
		}
	}
}

// encodeV2 writes every value as CDATA, as the platform does.
func encodeV2(fields []v2Field) []byte {
	var out bytes.Buffer
	out.WriteString("<xml>")
	for _, f := range fields {
		out.WriteString("<" + f.name + "><![CDATA[")
		out.WriteString(strings.ReplaceAll(f.value, "]]>", "]]]]><![CDATA[>"))
		out.WriteString("]]></" + f.name + ">\n")
	}
	out.WriteString("</xml>")
	return out.Bytes()
}
