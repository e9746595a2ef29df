package server_test

import (
	"net/url"
	"strings"
	"testing"
)

// After a login the browser goes to a place of ours, as it was asked for.
func TestReturnToOnOurOwnSiteIsKept(t *testing.T) {
	w := newWorld(t, func(s *setup) { s.Public = "http://shop.example:8080" })
	for raw, want := range map[string]string{
		"":                                   "/v1/me",
		"/":                                  "/",
		"/shop":                              "/shop",
		"/shop?page=1&sort=a#top":            "/shop?page=1&sort=a#top",
		"/shop?next=https://evil.example":    "/shop?next=https://evil.example", // of the page's own making
		"/shop#//evil.example":               "/shop#//evil.example",
		"/a:b@c;d":                           "/a:b@c;d",
		"/茶":                                 "/%E8%8C%B6",
		"/%E8%8C%B6":                         "/%E8%8C%B6",
		"/a//b":                              "/a//b",
		"/x?":                                "/x?",
		"http://shop.example:8080":           "/",
		"http://shop.example:8080/":          "/",
		"http://shop.example:8080?page=1":    "/?page=1",
		"http://shop.example:8080#top":       "/#top",
		"http://shop.example:8080/shop?p=1":  "/shop?p=1",
		"HTTP://SHOP.Example:8080/shop":      "/shop",
		"//shop.example:8080/shop":           "",                 // the scheme is the page's: whoever means ours says so
		"/%2Fevil.example":                   "/%2Fevil.example", // stays encoded: a path
		"/%5Cevil.example":                   "/%5Cevil.example",
		"/%0d%0aSet-Cookie:a=b":              "/%0d%0aSet-Cookie:a=b",
		"/%09/evil.example":                  "/%09/evil.example",
		"/." + strings.Repeat("a", 2046):     "/." + strings.Repeat("a", 2046),
		"/shop?" + strings.Repeat("a", 2042): "/shop?" + strings.Repeat("a", 2042),
	} {
		b := w.browser()
		a := b.get(t, doors[0].path+"?app_id=wx-oa&return_to="+url.QueryEscape(raw))
		if want == "" {
			wantProblem(t, a, 422, "invalid_input")
			continue
		}
		state := wantRedirect(t, a).Query().Get("state")
		got := b.returns(t, doors[0].path, codeOf("alice"), state)
		wantRedirect(t, got)
		if to := got.Header.Get("Location"); to != want {
			t.Errorf("%.60q became %.60q, want %.60q", raw, to, want)
		}
	}
}

// Browsers leave out the port that a scheme has anyway, operators may write it.
func TestUsualPortIsNoOtherOrigin(t *testing.T) {
	for public, urls := range map[string][]string{
		"https://shop.example:443": {"https://shop.example/shop", "https://shop.example:443/shop"},
		"https://shop.example":     {"https://shop.example/shop", "https://shop.example:443/shop"},
		"http://shop.example:80":   {"http://shop.example/shop", "http://shop.example:80/shop"},
	} {
		w := newWorld(t, func(s *setup) { s.Public = public })
		for _, raw := range urls {
			b := w.browser()
			state := b.begins(t, doors[0].path, "wx-oa", "&return_to="+url.QueryEscape(raw))
			if to := wantRedirect(t, b.returns(t, doors[0].path, codeOf("alice"), state)); to.String() != "/shop" {
				t.Errorf("%s: %s became %s", public, raw, to)
			}
			if a := b.call(t, "POST", "/v1/logout", "Origin: "+raw[:len(raw)-len("/shop")]); raw == urls[0] && a.Status != 204 {
				t.Errorf("%s: %s is cross-origin: %s", public, raw, a.Body)
			}
		}
		for _, raw := range []string{public + "0/shop", "https://shop.example:80/shop", "http://shop.example:443/shop"} {
			wantProblem(t, w.get(t, doors[0].path+"?app_id=wx-oa&return_to="+url.QueryEscape(raw), ""), 422, "invalid_input")
		}
	}
}

// Nothing else is believed to be ours: no redirect, no cookie, nothing stored.
func TestReturnToElsewhereIsRefused(t *testing.T) {
	var rows []malformed
	for _, raw := range []string{
		"//evil.example", "///evil.example", "////evil.example/..", "//evil.example/shop.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
		"/\\/evil.example", "https:evil.example", "https:/evil.example", "http:///evil.example", "https://evil.example", "http://evil.example/shop.example",
		"http://shop.example.evil.example/", "http://evilshop.example/", "http://evil.example#shop.example", "http://evil.example?shop.example",
		"http://shop.example@evil.example/", "https://shop.example@evil", "http://shop.example:80@evil.example/", "http://user@shop.example/", "http://user:word@shop.example/", "http://@shop.example/",
		"https://shop.example/", "ftp://shop.example/", "http://shop.example:8080/", "http://shop.example:443/", "http://shop.example:0/", "http://shop.example./", "http://shop.example%2eevil.example/", "http://shop.example%00/",
		"http://shop.example//evil.example", "http://shop.example/\\evil.example", "http://[shop.example]/", "http://shop.example:x/",
		"javascript:alert(1)", "javascript:/alert(1)", "JavaScript://shop.example/%0aalert(1)", "data:text/html,x", "vbscript:x", "blob:http://shop.example/x", "view-source:http://shop.example/",
		"shop", "./shop", "../shop", "?page=1", "#top", "shop.example/shop", ":", "%", "/%zz", "/%", "http://%zz/",
		" /shop", "/shop ", "/a b", "/shop\t", "/\tevil.example", "/\n/evil.example", "/shop\r\nSet-Cookie: a=b", "/\x00", "/shop\x00.html", "\t//evil.example", "\u00a0/shop", "/\u2028", "/\u0085", "\x7f/shop", "/\x1b[2J",
		"/\xff", "\xc0\xaf/shop", "/" + strings.Repeat("a", 2048), "/" + strings.Repeat("a", 5000), "http://shop.example/" + strings.Repeat("a", 5000),
	} {
		for _, d := range doors {
			rows = append(rows, malformed{
				name: d.path + " " + strings.ToValidUTF8(raw[:min(len(raw), 40)], "?"), path: d.path + "?app_id=" + d.app + "&return_to=" + url.QueryEscape(raw),
				status: 422, code: "invalid_input",
			})
		}
	}
	refuses(t, rows)
}
