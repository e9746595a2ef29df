package oauth

import (
	"net/url"
	"strings"
)

// Scopes that a person can be asked for.
const (
	ScopeBase     = "snsapi_base"     // official account: silent, openid only
	ScopeUserInfo = "snsapi_userinfo" // official account and mobile app: with a union id
	ScopeLogin    = "snsapi_login"    // website
)

// AuthorizeURL is the page inside WeChat where a person lets an official account know who
// he is. openEndpoint stands in for https://open.weixin.qq.com. The host of redirectURI
// must be the one in WeChat's console. WeChat takes letters and digits as state, at most 128.
func AuthorizeURL(openEndpoint, appID, redirectURI, scope, state string) string {
	return page(openEndpoint, "/connect/oauth2/authorize", appID, redirectURI, scope, state)
}

// QRConnectURL is the page with the QR code by which a person logs in to a website.
func QRConnectURL(openEndpoint, appID, redirectURI, scope, state string) string {
	return page(openEndpoint, "/connect/qrconnect", appID, redirectURI, scope, state)
}

// page keeps the order of parameters of WeChat's documentation: it is said that pages
// inside WeChat depend on it, so url.Values, which sorts, will not do.
func page(endpoint, path, appID, redirectURI, scope, state string) string {
	return strings.TrimSuffix(endpoint, "/") + path +
		"?appid=" + escape(appID) + "&redirect_uri=" + escape(redirectURI) + "&response_type=code" +
		"&scope=" + escape(scope) + "&state=" + escape(state) + "#wechat_redirect"
}

// escape writes a space as %20, which is one in every part of a URL.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
