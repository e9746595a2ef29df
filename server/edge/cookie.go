package edge

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/model"
)

// SessionCookie holds the session token of a browser that logged in by itself
// (CONTRACT §3). It counts like Authorization: Bearer with the same token.
const SessionCookie = "wxhub_session"

// NewCookie makes a cookie that scripts cannot read and that no other site's forms send.
// WeChat sends the browser back with a plain navigation, which Lax lets through. On
// plain http (a sandbox, a test) it cannot be Secure.
func NewCookie(name, value string, life time.Duration, publicURL string) http.Cookie {
	return http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(publicURL, "https:"),
	}
}

// OriginOf is scheme and host of a URL, as browsers write them in Origin: without the
// port that the scheme has anyway.
func OriginOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	host := u.Host
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	return strings.ToLower(u.Scheme + "://" + host)
}

// authorization is the Authorization header, or what a browser's cookie stands for.
func authorization(c huma.Context) string {
	if header := c.Header("Authorization"); header != "" {
		return header
	}
	if cookie, err := huma.ReadCookie(c, SessionCookie); err == nil && cookie.Value != "" {
		return "Bearer " + cookie.Value
	}
	return ""
}

var errCrossOrigin = model.NewError(model.KindForbidden, "cross_origin", "a page of another site may not do this with the cookie of this one")

// sameOrigin refuses changes that a page of another origin asks for with the browser's
// cookie. SameSite=Lax keeps most of them away; a sister domain is the same site.
func (a *Auth) sameOrigin(c huma.Context) error {
	if c.Method() == http.MethodGet || c.Header("Authorization") != "" {
		return nil
	}
	return SameOrigin(a.origin, c.Header("Origin"), c.Header("Sec-Fetch-Site"))
}

// SameOrigin tells by the headers Origin and Sec-Fetch-Site whether a page of ours asks;
// a browser sends at least one of them with a POST. ours is an OriginOf.
// Errors: cross_origin.
func SameOrigin(ours, origin, site string) error {
	if (origin != "" && strings.ToLower(origin) != ours) || (site != "" && site != "same-origin" && site != "none") {
		return errCrossOrigin
	}
	return nil
}
