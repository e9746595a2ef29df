package sandbox

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

// Cookies by which the sandbox knows whose phone a browser is.
const (
	cookieUser   = "wxsandbox_user"   // id or name of the user
	cookieInside = "wxsandbox_inside" // any value: a desktop browser goes on as if inside WeChat
)

//go:embed open.html
var openTemplate string

// openPage fills open.html. Show is one of error, outside, users, consent, qr and refused.
type openPage struct {
	Show  string
	Error *openError
	App   App
	Back  string // the page to come back to
	User  User
	Users []User
}

// serveOpen answers open.weixin.qq.com: pages and redirects for a browser.
func (p *Platform) serveOpen(w http.ResponseWriter, r *http.Request) {
	in, _ := p.begin(classWX, r)
	out := p.early(in)
	if out == nil {
		out = p.openReply(in)
	}
	p.send(w, in, out)
}

func (p *Platform) openReply(in *call) *reply {
	switch r := in.request; {
	case in.fault.Kind == faultSystemError, in.fault.Kind == faultSystemErrorAfter, in.fault.Kind == faultFrequencyLimited:
		return openPage{Show: "error", Error: &openError{0, "系统繁忙，请稍后再试"}}.reply()
	case r.Method != http.MethodGet, r.URL.Path != pathAuthorize && r.URL.Path != pathQRConnect:
		return page(http.StatusNotFound, "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>")
	case r.URL.Path == pathAuthorize && !insideWeChat(r):
		return openPage{Show: "outside", Back: r.URL.RequestURI()}.reply()
	}
	o, failed := p.openRequest(in.request.URL)
	in.appID = o.app.ID
	if failed != nil {
		return openPage{Show: "error", Error: failed, App: o.app}.reply()
	}
	return p.ask(o, in.request)
}

// ask redirects when there is nothing to ask, or shows what there is.
func (p *Platform) ask(o openRequest, r *http.Request) *reply {
	shown := openPage{App: o.app, Back: o.page, Users: p.Users()}
	user, known := p.holder(r)
	shown.User = user
	switch {
	case known && !p.consents.needed(user.ID, o.app.ID, o.scope):
		return &reply{status: http.StatusFound, header: http.Header{"Location": {p.codeTo(o, user)}}}
	case o.path == pathQRConnect:
		shown.Show = "qr"
	case !known:
		shown.Show = "users"
	default:
		shown.Show = "consent"
	}
	return shown.reply()
}

// codeTo is where the browser goes with a fresh code.
func (p *Platform) codeTo(o openRequest, user User) string {
	return o.back(p.oauth.issue(p.granted(user, o.app, o.scope), lifeOf(o.app.Kind)))
}

// holder is who holds the phone.
func (p *Platform) holder(r *http.Request) (User, bool) {
	cookie, err := r.Cookie(cookieUser)
	if err != nil {
		return User{}, false
	}
	user, err := p.FindUser(uncookied(cookie.Value))
	return user, err == nil
}

func insideWeChat(r *http.Request) bool {
	_, err := r.Cookie(cookieInside)
	return err == nil || strings.Contains(r.UserAgent(), "MicroMessenger")
}

// reply is the page. WeChat's pages are 200 whatever they say.
func (o openPage) reply() *reply {
	var out bytes.Buffer
	parsed, err := template.New("open").Parse(openTemplate)
	if err == nil {
		err = parsed.Execute(&out, o)
	}
	if err != nil {
		return page(http.StatusInternalServerError, "the page could not be written")
	}
	answer := page(http.StatusOK, out.String())
	answer.header.Set("Content-Type", "text/html; charset=utf-8")
	answer.header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	if o.Error != nil {
		answer.code = o.Error.Text
	}
	return answer
}
