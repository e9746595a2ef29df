package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A page on an allowed host gets its own address signed, without what follows '#'.
func TestJSConfigSignsThePage(t *testing.T) {
	w := newWorld(t)
	for raw, signed := range map[string]string{
		"http://shop.example/":                  "http://shop.example/",
		"https://shop.example/a?b=c&d=茶#/route": "https://shop.example/a?b=c&d=茶",
		"https://shop.example/a%20b?x=%2F":      "https://shop.example/a%20b?x=%2F",
		"https://SHOP.example:443/":             "https://SHOP.example:443/",
		"https://sister.example:8443/x##y":      "https://sister.example:8443/x",
		"https://shop.example#/":                "https://shop.example",
	} {
		a := w.get(t, "/v1/apps/wx-oa/js-config?url="+url.QueryEscape(raw), "")
		got := decode[struct {
			AppID     string `json:"app_id"`
			Timestamp int64  `json:"timestamp"`
			NonceStr  string `json:"nonce_str"`
			Signature string `json:"signature"`
		}](t, a, 200)
		if want := fmt.Sprint("kept-token ", got.NonceStr, " ", got.Timestamp, " ", signed); got.Signature != want || got.AppID != "wx-oa" || len(got.NonceStr) != 32 {
			t.Errorf("%s: %+v, want %q signed", raw, got, signed)
		}
		if a.Header.Get("Cache-Control") != "no-store" {
			t.Error("a signature may be kept")
		}
	}
}

func TestJSConfigRefusesOtherPages(t *testing.T) {
	w := newWorld(t)
	for _, raw := range []string{
		"", "/path", "shop.example", "//shop.example/", "https://evil.example/", "https://shop.example.evil.example/", "https://evil.example/#https://shop.example/",
		"https://shop.example@evil.example/", "https://x:y@shop.example/", "https://shop.example:8443/", "https://sister.example/", "https://evil.example\\@shop.example/",
		"javascript:alert(1)//shop.example/", "ftp://shop.example/", "https://shop.example/ x", "https://shop.example/\n", "https://shop.example/" + strings.Repeat("a", 2048),
	} {
		wantProblem(t, w.get(t, "/v1/apps/wx-oa/js-config?url="+url.QueryEscape(raw), ""), 422, "invalid_input")
	}
	page := "?url=" + url.QueryEscape("https://shop.example/")
	wantProblem(t, w.get(t, "/v1/apps/"+miniApp+"/js-config"+page, ""), 404, "app_unknown")
	wantProblem(t, w.get(t, "/v1/apps/wx-nobody/js-config"+page, ""), 404, "app_unknown")
	// Never by the server's own name, whatever the request says that is.
	wantProblem(t, w.call(t, http.MethodGet, "/v1/apps/wx-oa/js-config", "", "", "Host: shop.example"), 422, "invalid_input")
}

// Pages of allowed hosts can read the answer, refusals included, and no others.
func TestJSConfigCrossOrigin(t *testing.T) {
	w := newWorld(t)
	for origin, want := range map[string]bool{
		"https://shop.example": true, "http://shop.example": true, "https://sister.example:8443": true,
		"https://sister.example": false, "https://evil.example": false, "null": false, "": false,
	} {
		for _, page := range []string{"https://shop.example/", "https://evil.example/"} {
			a := w.call(t, http.MethodGet, "/v1/apps/wx-oa/js-config?url="+url.QueryEscape(page), "", "", "Origin: "+origin)
			got := a.Header.Get("Access-Control-Allow-Origin")
			if (got == origin && origin != "") != want || a.Header.Get("Vary") != "Origin" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("Origin %q for %s: allowed %q, Vary %q", origin, page, got, a.Header.Get("Vary"))
			}
		}
	}
}

func TestJSConfigIsLimited(t *testing.T) {
	w := newWorld(t)
	for range 400 {
		a := w.get(t, "/v1/apps/wx-oa/js-config?url="+url.QueryEscape("https://shop.example/"), "")
		if a.Status == 429 {
			return
		}
	}
	t.Error("one address may ask without end")
}
