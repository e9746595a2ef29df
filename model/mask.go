package model

import "unicode/utf8"

// Mask shows enough of a personal datum to recognise it and not enough to use it: the
// first three and the last two characters. Short ones are hidden.
func Mask(s string) string {
	runes := []rune(s)
	if !utf8.ValidString(s) || len(runes) < 8 {
		if s == "" {
			return ""
		}
		return "***"
	}
	return string(runes[:3]) + "***" + string(runes[len(runes)-2:])
}
