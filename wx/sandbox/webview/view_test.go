package webview_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"wxhub/wx/sandbox/webview"
)

const phoneOrigin = "http://127.0.0.1:1"

func phoneOf(holder string) webview.Phone {
	return webview.Phone{Origin: phoneOrigin, Host: "127.0.0.1", Listen: "127.0.0.1", Holder: holder, WeChat: true}
}

// bench is a site, and the views of it.
type bench struct {
	t     *testing.T
	views *webview.Views
	site  *httptest.Server
	mux   *http.ServeMux

	mu   sync.Mutex
	last *http.Request
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, views: webview.New(webview.Options{}), mux: http.NewServeMux()}
	b.site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.last = r
		b.mu.Unlock()
		b.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { b.views.Close(); b.site.Close() })
	return b
}

func (b *bench) open(p webview.Phone, address string) string {
	b.t.Helper()
	at, err := b.views.Open(p, address)
	if err != nil {
		b.t.Fatal(err)
	}
	return at
}

// get fetches without following redirects; headers are pairs.
func (b *bench) get(address string, headers ...string) (*http.Response, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return got, string(body)
}

func originOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Scheme + "://" + u.Host
}

// The site sees a phone that came by itself, at the site's own address; the frame gets a page that it can show, and no cookie.
func TestAPageInAFrame(t *testing.T) {
	b := newBench(t)
	b.mux.HandleFunc("/shop", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "secret", HttpOnly: true})
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Frame-Options", "DENY")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; frame-ancestors 'none'")
		_, _ = io.WriteString(w, `<!DOCTYPE html><html><head><script src="//res.wx.qq.com/open/js/jweixin-1.6.0.js"></script></head><body>tea</body></html>`)
	})
	at := b.open(phoneOf("lin"), b.site.URL+"/shop?x=1")
	got, page := b.get(at, "Referer", phoneOrigin+"/sandbox/", "Sec-Fetch-Site", "same-site", "Sec-Fetch-Dest", "iframe", "Cookie", "desktop=1", "Sec-Ch-Ua-Platform", "Linux")
	for name, want := range map[string]string{
		"User-Agent": webview.AgentWeChat, "Referer": "", "Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document", "Cookie": "",
		"X-Forwarded-For": "203.0.113.7", "Sec-Ch-Ua-Platform": "",
	} {
		if v := b.last.Header.Get(name); v != want {
			t.Errorf("the site sees %s %q, want %q", name, v, want)
		}
	}
	if b.last.Host != strings.TrimPrefix(b.site.URL, "http://") || b.last.URL.String() != "/shop?x=1" {
		t.Errorf("the site is asked for %s at %s", b.last.URL, b.last.Host)
	}
	for name, want := range map[string]string{
		"X-Frame-Options": "", "Set-Cookie": "",
		"Content-Security-Policy": "default-src 'none'; script-src 'self' " + originOf(t, at) + "/.wxsandbox/; frame-ancestors " + phoneOrigin,
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("the frame gets %s %q, want %q", name, v, want)
		}
	}
	if !strings.Contains(page, `<head><script src="/.wxsandbox/bridge.js" data-phone="`+phoneOrigin+`"`) || !strings.Contains(page, `src="/.wxsandbox/jweixin.js"`) {
		t.Errorf("the page is %s", page)
	}
	for _, file := range []string{"bridge.js", "jweixin.js"} {
		if got, _ := b.get(originOf(t, at) + "/.wxsandbox/" + file); got.StatusCode != 200 {
			t.Errorf("%s: %d", file, got.StatusCode)
		}
	}
	b.get(at)
	if got := b.last.Header.Get("Cookie"); got != "session=secret" {
		t.Errorf("next time with the cookies %q", got)
	}
	b.get(b.open(phoneOf("mo"), b.site.URL+"/shop"))
	if got := b.last.Header.Get("Cookie"); got != "" {
		t.Errorf("somebody else comes with the cookies %q", got)
	}
}

// What the browser says of where it comes from is the site's address, not the view's, and leads across sites.
func TestOriginRefererAndAddressesInQueries(t *testing.T) {
	b := newBench(t)
	b.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	shop, other := b.open(phoneOf("lin"), b.site.URL+"/"), b.open(phoneOf("lin"), "http://127.0.0.1:9/")
	if shop == other {
		t.Fatal("two sites have one origin")
	}
	b.get(shop+"pay?url="+url.QueryEscape(shop+"c/1"), "Origin", strings.TrimSuffix(shop, "/"), "Referer", shop+"c/1", "Sec-Fetch-Site", "same-origin")
	if h := b.last.Header; h.Get("Origin") != b.site.URL || h.Get("Referer") != b.site.URL+"/c/1" || h.Get("Sec-Fetch-Site") != "same-origin" {
		t.Errorf("from the site's own page: %v", h)
	}
	if got := b.last.URL.Query().Get("url"); got != b.site.URL+"/c/1" {
		t.Errorf("the page says that it is at %s", got)
	}
	b.get(shop, "Referer", other, "Origin", strings.TrimSuffix(other, "/"), "Sec-Fetch-Site", "same-site")
	if h := b.last.Header; h.Get("Referer") != "http://127.0.0.1:9/" || h.Get("Origin") != "http://127.0.0.1:9" || h.Get("Sec-Fetch-Site") != "cross-site" {
		t.Errorf("from another site: %v", h)
	}
}

// Redirects stay in the phone: on the site, to another site, out of a page.
func TestRedirects(t *testing.T) {
	b := newBench(t)
	to := ""
	b.mux.HandleFunc("/go", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", to); w.WriteHeader(302) })
	p := phoneOf("lin")
	at := b.open(p, b.site.URL+"/go")
	for _, c := range []struct{ to, want string }{
		{"/next?a=1", b.open(p, b.site.URL+"/next?a=1")},
		{b.site.URL + "/next#x", b.open(p, b.site.URL+"/next#x")},
		{"http://127.0.0.1:9/connect?u=" + url.QueryEscape(b.site.URL), b.open(p, "http://127.0.0.1:9/connect?u="+url.QueryEscape(b.site.URL))},
		{"weixin://wxpay/x", "weixin://wxpay/x"},
	} {
		to = c.to
		if got, _ := b.get(at); got.Header.Get("Location") != c.want {
			t.Errorf("%s leads to %s, want %s", c.to, got.Header.Get("Location"), c.want)
		}
	}
	got, _ := b.get(originOf(t, at) + "/.wxsandbox/go?to=" + url.QueryEscape("http://127.0.0.1:9/h5"))
	if got.StatusCode != 302 || got.Header.Get("Location") != b.open(p, "http://127.0.0.1:9/h5") {
		t.Errorf("out of a page: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	for _, bad := range []string{"", "javascript:alert(1)", "/x", "ftp://a/b", "http:///x", "data:text/html,x"} {
		if got, _ := b.get(originOf(t, at) + "/.wxsandbox/go?to=" + url.QueryEscape(bad)); got.StatusCode != 502 {
			t.Errorf("%q: %d", bad, got.StatusCode)
		}
	}
}

func TestOnlyUnderItsOwnName(t *testing.T) {
	b := newBench(t)
	at := b.open(phoneOf("lin"), b.site.URL+"/")
	if got, _ := b.get(at, "Host", "evil.example:80"); got.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("under another name: %d", got.StatusCode)
	}
	if b.last != nil {
		t.Error("the site was asked")
	}
}

// An event arrives when it is sent, not when the stream ends.
func TestEventsFlow(t *testing.T) {
	b := newBench(t)
	read := make(chan struct{})
	b.mux.HandleFunc("/events", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, "data: paid\n\n")
		_ = http.NewResponseController(w).Flush()
		<-read
	})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.open(phoneOf("lin"), b.site.URL+"/events"), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	line, err := bufio.NewReader(got.Body).ReadString('\n')
	close(read)
	if line != "data: paid\n" || err != nil {
		t.Errorf("%q %v", line, err)
	}
}

// The least used view makes room, and nothing opens after the end.
func TestViewsAreFew(t *testing.T) {
	b := newBench(t)
	b.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	first := b.open(phoneOf("lin"), b.site.URL+"/")
	for i := range 64 {
		b.open(phoneOf("lin"), fmt.Sprintf("http://127.0.0.1:%d/", 2000+i))
	}
	if b.views.Original(first) != first {
		t.Error("the first view is still open")
	}
	again := b.open(phoneOf("lin"), b.site.URL+"/")
	if got, _ := b.get(again); got.StatusCode != 200 {
		t.Errorf("opened again: %d", got.StatusCode)
	}
	b.views.Close()
	if at, err := b.views.Open(phoneOf("lin"), b.site.URL); err == nil {
		t.Errorf("opened %s after the end", at)
	}
}
