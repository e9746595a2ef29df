package config

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// unknownKey says what to do about a key that nothing reads.
func unknownKey(name *yaml.Node, known []string) string {
	if name.Kind != yaml.ScalarNode {
		return "is not a key; keys are plain words"
	}
	if name.Value == "<<" {
		return "is a YAML merge; write the keys out"
	}
	if near := nearest(name.Value, known); near != "" {
		return "unknown key; did you mean " + near + "?"
	}
	return "unknown key; known here: " + strings.Join(known, ", ")
}

// printable is a key as a fault may show it: on one line and not endless.
func printable(name *yaml.Node) string {
	const longest = 60
	if name.Kind != yaml.ScalarNode {
		return "?"
	}
	clean := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == '.' || r == '[' {
			return '?'
		}
		return r
	}, name.Value))
	if len(clean) > longest {
		return string(clean[:longest]) + "…"
	}
	return string(clean)
}

// nearest finds the known word that was probably meant; "" when none is close.
func nearest(word string, known []string) string {
	best, distance := "", max(1, min(len(word)/3, 3))+1
	for _, k := range known {
		if d := edits(strings.ToLower(word), k, distance); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance, or limit when the lengths alone exceed it.
func edits(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
