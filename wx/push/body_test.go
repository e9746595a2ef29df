package push

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"wxhub/wx"
)

func TestReadXML(t *testing.T) {
	deep := strings.Repeat("<a>", maxDepth) + strings.Repeat("</a>", maxDepth)
	for name, c := range map[string]struct {
		body string
		want fields // nil: refused
	}{
		"scalars":                {"<xml><A>1</A>\n <B><![CDATA[ <2> ]]></B><C></C><D/></xml>", fields{"A": "1", "B": " <2> ", "C": "", "D": ""}},
		"entities of XML":        {"<xml><A>&lt;&amp;&#20320;</A></xml>", fields{"A": "<&你"}},
		"several CDATA":          {"<xml><A><![CDATA[a]]><![CDATA[b]]></A></xml>", fields{"A": "ab"}},
		"a field of fields":      {"<xml><List><I>1</I><I>2</I></List><A>1</A></xml>", fields{"A": "1"}},
		"attributes":             {`<xml a="b"><A c="d">1</A></xml>`, fields{"A": "1"}},
		"text around fields in":  {"<xml><List> <I>1</I>x</List></xml>", fields{}},
		"nothing":                {"<xml></xml>", fields{}},
		"names by their case":    {"<xml><A>1</A><a>2</a></xml>", fields{"A": "1", "a": "2"}},
		"DOCTYPE":                {`<!DOCTYPE xml><xml><A>1</A></xml>`, nil},
		"an external entity":     {`<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><A>&x;</A></xml>`, nil},
		"an entity of its own":   {`<xml><!ENTITY x "y"><A>1</A></xml>`, nil},
		"an unknown entity":      {`<xml><A>&x;</A></xml>`, nil},
		"an entity of HTML":      {`<xml><A>&nbsp;</A></xml>`, nil},
		"a declaration":          {`<?xml version="1.0"?><xml><A>1</A></xml>`, fields{"A": "1"}},
		"a late declaration":     {`<xml><?xml version="1.0"?><A>1</A></xml>`, nil},
		"two declarations":       {`<?xml version="1.0"?><?xml version="1.0"?><xml><A>1</A></xml>`, nil},
		"another encoding":       {`<?xml version="1.0" encoding="GBK"?><xml><A>1</A></xml>`, nil},
		"a stylesheet":           {`<xml><?xml-stylesheet href="x"?><A>1</A></xml>`, nil},
		"a comment":              {`<xml><A>o<!-- -->x</A></xml>`, nil},
		"a name twice":           {"<xml><A>1</A><A>2</A></xml>", nil},
		"twice, once with more":  {"<xml><A><B>1</B></A><A>2</A></xml>", nil},
		"a namespace":            {`<xml xmlns:x="y"><x:A>1</x:A></xml>`, nil},
		"a namespace of its own": {`<xml xmlns="y"><A>1</A></xml>`, nil},
		"another root":           {"<html><A>1</A></html>", nil},
		"two roots":              {"<xml></xml><xml></xml>", nil},
		"text after the root":    {"<xml></xml>x", nil},
		"text between":           {"<xml>x<A>1</A></xml>", nil},
		"not closed":             {"<xml><A>1</A>", nil},
		"closed in a cross":      {"<xml><A>1</xml></A>", nil},
		"HTML's short forms":     {"<xml><A>1<br></A></xml>", nil},
		"a bare &":               {"<xml><A>a&b</A></xml>", nil},
		"nested too deep":        {"<xml>" + deep + "</xml>", nil},
		"just not too deep":      {"<xml>" + deep[3:len(deep)-4] + "</xml>", fields{}},
		"a character of control": {"<xml><A>\x01</A></xml>", nil},
		"a reference to one":     {"<xml><A>&#1;</A></xml>", nil},
	} {
		got, err := read([]byte(c.body))
		if c.want == nil {
			if !errors.Is(err, wx.ErrPushMalformed) {
				t.Errorf("%s: got %v, %v", name, got, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestReadJSON(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want fields // nil: refused
	}{
		"scalars":               {` {"A":"1","B":24539083497592111,"C":true,"D":null,"E":1e3,"F":"\u4f60\n"} `, fields{"A": "1", "B": "24539083497592111", "C": "true", "E": "1e3", "F": "你\n"}},
		"a field of fields":     {`{"L":{"A":1,"B":[{"A":1},{"A":2}]},"A":"1"}`, fields{"A": "1"}},
		"nothing":               {`{}`, fields{}},
		"names by their case":   {`{"A":"1","a":"2"}`, fields{"A": "1", "a": "2"}},
		"a name twice":          {`{"A":"1","A":"2"}`, nil},
		"twice, once escaped":   {`{"A":"1","\u0041":"2"}`, nil},
		"twice, once null":      {`{"A":null,"A":"2"}`, nil},
		"twice, further in":     {`{"L":[{"A":1,"A":2}]}`, nil},
		"two values":            {`{} {}`, nil},
		"a comma too many":      {`{"A":1,}`, nil},
		"no comma":              {`{"A":1 "B":2}`, nil},
		"a number of no format": {`{"A":01}`, nil},
		"a comment":             {`{/* */"A":1}`, nil},
		"not closed":            {`{"A":1`, nil},
		"a list":                {`[{"A":1}]`, nil},
		"nested too deep":       {`{"A":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}`, nil},
		"nested very deep":      {`{"A":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, nil},
		"just not too deep":     {`{"A":` + strings.Repeat("[", maxDepth-1) + strings.Repeat("]", maxDepth-1) + `}`, fields{}},
	} {
		got, err := read([]byte(c.body))
		if c.want == nil {
			if !errors.Is(err, wx.ErrPushMalformed) {
				t.Errorf("%s: got %v, %v", name, got, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
