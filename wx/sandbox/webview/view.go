package webview

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

//go:embed bridge.js
var bridgeScript []byte

//go:embed jweixin.js
var jweixinScript []byte

// What the two browsers of the phone call themselves.
const (
	AgentWeChat  = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.42(0x18002a2f) NetType/WIFI Language/zh_CN"
	AgentBrowser = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)

// mobileAddress is where the phone seems to be: nobody's, since it is for documentation. A site believes it when it trusts
// a proxy on this machine.
const mobileAddress = "203.0.113.7"

// own are the paths of a view that are not the site's.
const own = "/.wxsandbox/"

// view is one site on one phone.
type view struct {
	views  *Views
	phone  Phone
	site   *url.URL // scheme and host
	host   string   // of the view
	used   int64    // guarded by Views.mu
	jar    http.CookieJar
	server *http.Server
	ended  sync.WaitGroup
}

func (w *view) origin() string { return "http://" + w.host }

func (w *view) agent() string {
	if w.phone.WeChat {
		return AgentWeChat
	}
	return AgentBrowser
}

func (w *view) handler() http.Handler {
	site := &httputil.ReverseProxy{
		Rewrite: w.outgoing, ModifyResponse: w.incoming, ErrorHandler: w.unreachable, FlushInterval: -1,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true, MaxIdleConns: 16},
	}
	return http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host != w.host: // a name that was made to point here
			http.Error(to, "this is "+w.host, http.StatusMisdirectedRequest)
		case r.URL.Path == own+"bridge.js":
			script(to, bridgeScript)
		case r.URL.Path == own+"jweixin.js":
			script(to, jweixinScript)
		case r.URL.Path == own+"go":
			w.leave(to, r)
		default:
			site.ServeHTTP(to, r)
		}
	})
}

func script(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(body)
}

// leave redirects to the view of another site.
func (w *view) leave(to http.ResponseWriter, r *http.Request) {
	at, err := w.views.Open(w.phone, r.URL.Query().Get("to"))
	if err != nil {
		w.unreachable(to, r, err)
		return
	}
	to.Header().Set("Cache-Control", "no-store")
	http.Redirect(to, r, at, http.StatusFound)
}

// outgoing makes of the browser's request the phone's.
func (w *view) outgoing(r *httputil.ProxyRequest) {
	r.SetURL(w.site)
	out := r.Out
	// The page may send its own address somewhere, to have it signed.
	for _, mine := range []string{w.origin(), url.QueryEscape(w.origin())} {
		site := w.site.String()
		if strings.Contains(mine, "%") {
			site = url.QueryEscape(site)
		}
		out.URL.RawQuery = strings.ReplaceAll(out.URL.RawQuery, mine, site)
	}
	out.Header.Set("User-Agent", w.agent())
	out.Header.Set("X-Forwarded-For", mobileAddress)
	out.Header.Del("Accept-Encoding") // pages are read on the way back
	for name := range out.Header {
		if strings.HasPrefix(name, "Sec-Ch-") {
			out.Header.Del(name)
		}
	}
	w.where(out)
	out.Header.Del("Cookie")
	for _, c := range w.jar.Cookies(out.URL) {
		out.AddCookie(c)
	}
	if w.views.options.Own != nil {
		w.views.options.Own(out, w.phone)
	}
}

// where corrects what a request says about the page that it comes from.
func (w *view) where(out *http.Request) {
	site := "cross-site"
	switch from := out.Header.Get("Referer"); {
	case from != "" && strings.HasPrefix(from, w.phone.Origin+"/"): // the phone opened it: somebody typed, scanned or tapped
		out.Header.Del("Referer")
		site = "none"
	case from != "":
		out.Header.Set("Referer", w.views.Original(from))
	case out.Header.Get("Sec-Fetch-Dest") == "iframe":
		site = "none"
	}
	if from := out.Header.Get("Origin"); from != "" && from != "null" {
		out.Header.Set("Origin", strings.TrimSuffix(w.views.Original(from+"/"), "/"))
	}
	if now := out.Header.Get("Sec-Fetch-Site"); now != "" && now != "same-origin" {
		out.Header.Set("Sec-Fetch-Site", site)
	}
	if out.Header.Get("Sec-Fetch-Dest") == "iframe" {
		out.Header.Set("Sec-Fetch-Dest", "document")
	}
}

// incoming makes of the site's answer one that the frame can show.
func (w *view) incoming(r *http.Response) error {
	w.jar.SetCookies(r.Request.URL, r.Cookies())
	r.Header.Del("Set-Cookie")
	r.Header.Del("Strict-Transport-Security")
	r.Header.Del("X-Frame-Options")
	if to := r.Header.Get("Location"); to != "" {
		w.redirected(r, to)
	}
	nonce := w.relax(r.Header)
	return w.inject(r, nonce)
}

// redirected leads to a view. What no view can open stays.
func (w *view) redirected(r *http.Response, to string) {
	u, err := r.Request.URL.Parse(to)
	if err != nil {
		return
	}
	if at, err := w.views.Open(w.phone, u.String()); err == nil {
		r.Header.Set("Location", at)
	}
}

var unreachablePage = template.Must(template.New("").Parse(`<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.}}</title></head>
<body><h1>无法打开网页</h1><p>This page cannot be opened: {{.}} does not answer. Is the server running?</p></body></html>`))

func (w *view) unreachable(to http.ResponseWriter, _ *http.Request, _ error) {
	to.Header().Set("Content-Type", "text/html; charset=utf-8")
	to.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors "+w.phone.Origin)
	to.WriteHeader(http.StatusBadGateway)
	_ = unreachablePage.Execute(to, w.site.String())
}
