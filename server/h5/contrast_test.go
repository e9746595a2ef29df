package h5

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var colour = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{3,6});`)

// luminance is WCAG's relative luminance of #rgb or #rrggbb.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift int) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// Text has WCAG AA contrast to what is behind it, in the light and in the dark scheme.
func TestContrast(t *testing.T) {
	css, err := staticFiles.ReadFile("static/h5.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(css), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]string{}
		for _, m := range colour.FindAllStringSubmatch(text, -1) {
			if colours[m[1]] == "" {
				colours[m[1]] = m[2]
			}
		}
		for _, pair := range []string{
			"ink bg", "ink card", "soft bg", "soft card", "on-brand brand", "on-brand brand-down", "brand card", "fault card", "fault bg", "ink key", "ink key-down",
		} {
			a, b, _ := strings.Cut(pair, " ")
			x, y := luminance(t, colours[a]), luminance(t, colours[b])
			if ratio := (max(x, y) + 0.05) / (min(x, y) + 0.05); ratio < 4.5 {
				t.Errorf("%s: %s has a contrast of %.2f", scheme, pair, ratio)
			}
		}
	}
}
