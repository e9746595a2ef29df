package h5

import (
	"fmt"

	"golang.org/x/text/language"
)

// lang is the language of a page, as HTML names it.
type lang string

const (
	chinese lang = "zh-CN"
	english lang = "en"
)

// languages are those of the tags of matcher. The first is for everybody who reads none.
var (
	languages = []lang{chinese, english, chinese}
	matcher   = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English, language.TraditionalChinese})
)

// langOf reads Accept-Language.
func langOf(header string) lang {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return chinese
	}
	_, at, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return chinese
	}
	return languages[at]
}

// say is a sentence. A key that is missing is a defect, which a test finds.
func say(l lang, key string, args ...any) string {
	text := sentences[key][l]
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}
