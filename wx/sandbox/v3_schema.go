package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// shape is the type of a field of a request body.
type shape int

const (
	shapeString shape = iota
	shapeInt
	shapeBool
	shapeObject
	shapeObjects // array of objects
	shapeStrings // array of strings
)

// field describes one field of a request body. Lengths are in characters.
type field struct {
	name     string
	label    string // the platform's name for it, in messages
	shape    shape
	required bool
	min, max int      // of a string: length; of an int: value, max 0 is no limit
	enum     []string // of strings
	fields   []field  // of objects

	sealed *regexp.Regexp // encrypted, with a plain text like this
	media  string         // the media_id of such a file
}

// parseObject reads a body as the platform does: one JSON object of exactly these fields, spelled exactly so,
// none of them null.
func parseObject(body []byte, fields []field) (map[string]any, *Refusal) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil || object == nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	return object, checkObject(object, fields, "")
}

func checkObject(object map[string]any, fields []field, at string) *Refusal {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			return invalidRequest(internalExtraParam, "参数中含有非法的额外参数", detailOf(at+"/"+name, "unknown field"))
		}
	}
	for _, f := range fields {
		value, given := object[f.name]
		if !given && f.required {
			return f.fails(at, internalParamInvalid, "输入源“/body%s”映射到字段“%s”必填性规则校验失败，此字段为必填项", "missing")
		}
		if !given {
			continue
		}
		if refused := f.check(value, at); refused != nil {
			return refused
		}
	}
	return nil
}

func (f field) check(value any, at string) *Refusal {
	if value == nil {
		return invalidRequest(internalParamInvalid, "参数不允许为null", detailOf(at+"/"+f.name, "null"))
	}
	switch f.shape {
	case shapeInt:
		return f.checkInt(value, at)
	case shapeBool:
		if _, ok := value.(bool); !ok {
			return f.wrongType(at, "布尔值")
		}
	case shapeObject:
		object, ok := value.(map[string]any)
		if !ok {
			return f.wrongType(at, "对象")
		}
		return checkObject(object, f.fields, at+"/"+f.name)
	case shapeObjects, shapeStrings:
		return f.checkArray(value, at)
	default:
		return f.checkString(value, at)
	}
	return nil
}

func (f field) checkInt(value any, at string) *Refusal {
	number, _ := value.(json.Number)
	n, err := number.Int64()
	if err != nil {
		return f.wrongType(at, "64 位有符号整数")
	}
	if n < int64(f.min) {
		return f.fails(at, internalParamRange, "输入源“/body%s”映射到数值字段“%s”规则校验失败，值低于最小值 "+fmt.Sprint(f.min), "too small")
	}
	if f.max > 0 && n > int64(f.max) {
		return f.fails(at, internalParamRange, "输入源“/body%s”映射到数值字段“%s”规则校验失败，值高于最大值 "+fmt.Sprint(f.max), "too large")
	}
	return nil
}

func (f field) checkString(value any, at string) *Refusal {
	text, ok := value.(string)
	if !ok {
		return f.wrongType(at, "字符串")
	}
	n := utf8.RuneCountInString(text)
	if n < f.min {
		return f.fails(at, internalParamRange, fmt.Sprintf("输入源“/body%%s”映射到字段“%%s”字符串规则校验失败，字符数 %d，小于最小值 %d", n, f.min), "too short")
	}
	if f.max > 0 && n > f.max {
		return f.fails(at, internalParamRange, fmt.Sprintf("输入源“/body%%s”映射到字段“%%s”字符串规则校验失败，字符数 %d，大于最大值 %d", n, f.max), "too long")
	}
	if len(f.enum) > 0 && !slices.Contains(f.enum, text) {
		return f.fails(at, internalParamRange, "输入源“/body%s”映射到字段“%s”枚举规则校验失败，可选值为"+strings.Join(f.enum, "、"), "not in enum")
	}
	return nil
}

func (f field) checkArray(value any, at string) *Refusal {
	items, ok := value.([]any)
	if !ok {
		return f.wrongType(at, "数组")
	}
	one := f
	one.shape = shapeString
	if f.shape == shapeObjects {
		one.shape = shapeObject
	}
	for i, item := range items {
		one.name = fmt.Sprintf("%s/%d", f.name, i)
		if refused := one.check(item, at); refused != nil {
			return refused
		}
	}
	return nil
}

func (f field) wrongType(at, wanted string) *Refusal {
	return f.fails(at, internalParamInvalid, "无法将输入源“/body%s”映射到目标字段“%s”中，此字段需要一个合法的 "+wanted, "wrong type")
}

// fails words a PARAM_ERROR; the format takes the field's path and label.
func (f field) fails(at string, internal int, format, issue string) *Refusal {
	path := at + "/" + f.name
	return paramError(internal, fmt.Sprintf(format, path, f.label), detailOf(path, issue))
}

// detailOf names a field as the platform does: a pointer into the schema.
func detailOf(path, issue string) fieldDetail {
	return fieldDetail{Field: "#" + strings.ReplaceAll(path, "/", "/properties/"), Issue: issue, Location: "body"}
}
