package sandbox

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"wxhub/wx/sandbox/webview"
)

// phoneView opens a page in the web view of the user's WeChat, or in the browser of the phone, and answers where the frame finds it.
func (p *Platform) phoneView(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User    string `json:"user"`
		URL     string `json:"url"`
		Browser bool   `json:"browser"` // outside WeChat
	}
	if !fromPhone(w, r) || !read(w, r, &in) {
		return
	}
	u, err := p.FindUser(in.User)
	if err != nil {
		refuse(w, err)
		return
	}
	at, err := p.views.Open(phoneOf(r, u, !in.Browser), in.URL)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]string{"url": at})
}

// phoneOriginal answers what page a view's address stands for.
func (p *Platform) phoneOriginal(w http.ResponseWriter, r *http.Request) {
	var in struct {
		URL string `json:"url"`
	}
	if read(w, r, &in) {
		answer(w, http.StatusOK, map[string]string{"url": p.views.Original(in.URL)})
	}
}

// phoneOf is the phone of the page that sent the request: it is reached by the same name, on the same address.
func phoneOf(r *http.Request, u User, weChat bool) webview.Phone {
	host, listen := hostOnly(r.Host), "127.0.0.1"
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if ip, _, err := net.SplitHostPort(at.String()); err == nil {
			listen = ip
		}
	}
	return webview.Phone{Origin: "http://" + r.Host, Host: host, Listen: listen, Holder: u.ID, WeChat: weChat}
}

func hostOnly(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// fromPhone refuses what a page of another site sends. After a false the refusal is written.
func fromPhone(w http.ResponseWriter, r *http.Request) bool {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if (site == "" || site == "same-origin") && (origin == "" || origin == "http://"+r.Host) {
		return true
	}
	fail(w, http.StatusForbidden, "cross_origin", "only the phone at GET /sandbox/ may ask for this")
	return false
}

// heldBy tells the platform's own pages whose phone it is.
func (p *Platform) heldBy(r *http.Request, phone webview.Phone) bool {
	own := p.publicURL
	if own == "" {
		own = phone.Origin
	}
	if at, err := url.Parse(own); err != nil || at.Host != r.URL.Host {
		return false
	}
	r.AddCookie(&http.Cookie{Name: cookieUser, Value: phone.Holder})
	return true
}
