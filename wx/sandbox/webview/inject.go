package webview

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// maxPage bounds a page that gets the bridge; a longer one is shown without.
const maxPage = 8 << 20

var (
	// jweixin is WeChat's JS-SDK, which would be fetched from WeChat.
	jweixin = regexp.MustCompile(`(?i)(?:https?:)?//res2?\.wx\.qq\.com/open/js/jweixin-[0-9.]+\.js`)
	opening = []*regexp.Regexp{regexp.MustCompile(`(?i)<head(?:\s[^>]*)?>`), regexp.MustCompile(`(?i)<html(?:\s[^>]*)?>`), regexp.MustCompile(`(?i)<!doctype[^>]*>`)}
	tag     = template.Must(template.New("").Parse(`<script src="` + own + `bridge.js" data-phone="{{.Phone}}" data-agent="{{.Agent}}"{{if .WeChat}} data-wechat{{end}}{{with .Nonce}} nonce="{{.}}"{{end}}></script>`))
)

// inject puts the bridge in front of every script of a page.
func (w *view) inject(r *http.Response, nonce string) error {
	if !strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "text/html") || r.Header.Get("Content-Encoding") != "" ||
		r.Request.Method == http.MethodHead || r.StatusCode == http.StatusNotModified {
		return nil
	}
	page, err := io.ReadAll(io.LimitReader(r.Body, maxPage+1))
	if err != nil {
		return fmt.Errorf("webview: the page breaks off: %w", err)
	}
	if len(page) > maxPage {
		r.Body = rest{io.MultiReader(bytes.NewReader(page), r.Body), r.Body}
		return nil
	}
	_ = r.Body.Close()
	page = jweixin.ReplaceAll(page, []byte(own+"jweixin.js"))
	var bridge bytes.Buffer
	data := struct {
		Phone, Agent, Nonce string
		WeChat              bool
	}{w.phone.Origin, w.agent(), nonce, w.phone.WeChat}
	if err := tag.Execute(&bridge, data); err != nil {
		return err
	}
	at := headOf(page)
	page = append(append(append([]byte{}, page[:at]...), bridge.Bytes()...), page[at:]...)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(page)), int64(len(page))
	r.Header.Set("Content-Length", strconv.Itoa(len(page)))
	r.Header.Set("Cache-Control", "no-store")
	r.Header.Del("Etag")
	r.Header.Del("Last-Modified")
	return nil
}

// headOf is where the head's content begins.
func headOf(page []byte) int {
	for _, o := range opening {
		if at := o.FindIndex(page); at != nil {
			return at[1]
		}
	}
	return 0
}

// rest is a body of which some was read.
type rest struct {
	io.Reader
	io.Closer
}
