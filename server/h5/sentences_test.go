package h5

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	verb = regexp.MustCompile(`%[a-z]`)
	said = regexp.MustCompile(`Say "([a-z_]+)"`)
)

func TestEverySentenceIsThereInBothLanguages(t *testing.T) {
	for key, texts := range sentences {
		for _, l := range languages {
			if texts[l] == "" {
				t.Errorf("%s is missing in %s", key, l)
			}
		}
		if a, b := verb.FindAllString(texts[chinese], -1), verb.FindAllString(texts[english], -1); !slices.Equal(a, b) {
			t.Errorf("%s takes %q and %q", key, a, b)
		}
	}
}

func TestTemplatesSayOnlyWhatThereIs(t *testing.T) {
	files, err := fs.Glob(templateFiles, "template/*")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := templateFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			if _, ok := sentences[m[1]]; !ok && m[1] != "_text" {
				t.Errorf("%s says %q, which is no sentence", name, m[1])
			}
		}
	}
	for _, s := range []State{StatePaid, StateRefunded, StateClosed, StateExpired} {
		for _, key := range []string{string(s), string(s) + "_text"} {
			if _, ok := sentences[key]; !ok {
				t.Errorf("nothing is said of %s", key)
			}
		}
	}
	for _, key := range refusals {
		if say(chinese, key) == "" || say(chinese, key+"_text") == "" {
			t.Errorf("nothing is said of the refusal %s", key)
		}
	}
	for _, s := range []Scene{SceneWeCom, SceneAlipay, SceneUnionPay} {
		if say(english, "elsewhere_"+string(s)) == "" {
			t.Errorf("nothing is said in %s", s)
		}
	}
}

func TestLanguageOfAReader(t *testing.T) {
	for header, want := range map[string]lang{
		"": chinese, "zh-CN,zh;q=0.9,en;q=0.8": chinese, "en-GB,en;q=0.9,zh;q=0.5": english, "zh-TW": chinese, "zh-HK,en": chinese,
		"fr-FR": chinese, "fr;q=0.9,en;q=0.5": english, "*": chinese, ";;;": chinese, "en": english, strings.Repeat("en,", 2000): english,
	} {
		if got := langOf(header); got != want && len(header) < 1000 {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
