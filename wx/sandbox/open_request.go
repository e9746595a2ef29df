package sandbox

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Paths of open.weixin.qq.com.
const (
	pathAuthorize = "/connect/oauth2/authorize"
	pathQRConnect = "/connect/qrconnect"
)

var stateShape = regexp.MustCompile(`^[a-zA-Z0-9]{0,128}$`)

// openRequest is a wish to log in, as a browser brings it.
type openRequest struct {
	page     string // path and query, to come back to
	path     string
	app      App
	redirect *url.URL
	scope    string
	state    string
}

// openError is a page instead of a login. The number is WeChat's; 0: it shows none.
type openError struct {
	Number int
	Text   string
}

// openRequest reads and judges the parameters.
func (p *Platform) openRequest(u *url.URL) (openRequest, *openError) {
	query := u.Query()
	o := openRequest{page: u.RequestURI(), path: u.Path, scope: query.Get("scope"), state: query.Get("state")}
	app, found := p.console.app(query.Get("appid"))
	if query.Get("appid") == "" {
		return o, &openError{10012, "appid 不能为空"}
	}
	if !found {
		return o, &openError{0, "AppID 参数错误"}
	}
	if o.app = app; !o.fits() {
		return o, &openError{10016, "不支持微信开放平台的 Appid，请使用公众号 Appid"}
	}
	if query.Get("response_type") != "code" {
		return o, &openError{0, "response_type 参数错误"}
	}
	if failed := o.redirectTo(query.Get("redirect_uri")); failed != nil {
		return o, failed
	}
	switch {
	case o.scope == "":
		return o, &openError{10010, "scope 不能为空"}
	case !slices.Contains(scopesOf(app.Kind), o.scope):
		return o, &openError{10005, "Scope 参数错误或没有 Scope 权限"}
	case o.path == pathAuthorize && !stateShape.MatchString(o.state):
		return o, &openError{0, "state 参数错误"}
	}
	return o, nil
}

// fits tells whether the app is of the kind that the page is for.
func (o *openRequest) fits() bool {
	if o.path == pathQRConnect {
		return o.app.Kind == KindWebsite
	}
	return o.app.Kind == KindOfficialAccount
}

// redirectTo takes an absolute URL whose host, with or without its port, is one of the app's.
func (o *openRequest) redirectTo(text string) *openError {
	if text == "" {
		return &openError{10011, "redirect_uri 不能为空"}
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return &openError{10003, "redirect_uri 参数错误"}
	}
	domains := o.app.AuthDomains
	if len(domains) > 0 && !slices.Contains(domains, u.Hostname()) && !slices.Contains(domains, u.Host) {
		return &openError{10003, "redirect_uri 域名与后台配置不一致，错误码：10003"}
	}
	o.redirect = u
	return nil
}

// back is redirect_uri with the given parameters behind its own.
func (o *openRequest) back(code string) string {
	var more []string
	if code != "" {
		more = append(more, "code="+url.QueryEscape(code))
	}
	more = append(more, "state="+url.QueryEscape(o.state))
	to := *o.redirect
	if to.RawQuery != "" {
		more = append([]string{to.RawQuery}, more...)
	}
	to.RawQuery = strings.Join(more, "&")
	return to.String()
}
