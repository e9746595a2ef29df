package sandbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"mime"
	"net/http"
	"path"

	"golang.org/x/text/language"
)

//go:embed phone
var phoneFiles embed.FS

// phonePage fills phone.html.
type phonePage struct {
	Lang  string
	Words map[string]string
}

// Say is a word in the reader's language.
func (p phonePage) Say(key string) string { return p.Words[key] }

var phoneLanguages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// phoneLanguage is zh-CN or en: the former for everybody who reads neither.
func phoneLanguage(header string) string {
	tags, _, err := language.ParseAcceptLanguage(header)
	if _, at, sure := phoneLanguages.Match(tags...); err == nil && sure != language.No && at == 1 {
		return "en"
	}
	return "zh-CN"
}

// phonePage shows the phone, and the log beside it. It loads nothing from elsewhere; only its frames show views of other sites, which are
// on other ports of the same host.
func (p *Platform) phonePage(w http.ResponseWriter, r *http.Request) {
	var out bytes.Buffer
	var words map[string]map[string]string
	text, err := phoneFiles.ReadFile("phone/words.json")
	if err == nil {
		err = json.Unmarshal(text, &words)
	}
	if err == nil {
		lang := phoneLanguage(r.Header.Get("Accept-Language"))
		var page *template.Template
		if page, err = template.ParseFS(phoneFiles, "phone/phone.html"); err == nil {
			err = page.Execute(&out, phonePage{lang, words[lang]})
		}
	}
	if err != nil {
		fail(w, http.StatusInternalServerError, "internal", "the page could not be written")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; frame-src http://"+bracketed(hostOnly(r.Host))+":*")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language")
	_, _ = w.Write(out.Bytes())
}

// bracketed is a host as it stands in a URL.
func bracketed(host string) string {
	if bytes.ContainsRune([]byte(host), ':') {
		return "[" + host + "]"
	}
	return host
}

func (p *Platform) phoneFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	body, err := phoneFiles.ReadFile("phone/" + path.Base(name))
	if ext := path.Ext(name); err != nil || ext != ".js" && ext != ".css" && ext != ".svg" {
		fail(w, http.StatusNotFound, "not_found", "no such file of the phone")
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(body)
}
