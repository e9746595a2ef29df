package server_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"wxhub/server/edge"
)

// everyPage is a page in each state that needs no payment, by name.
func (w *world) everyPage(t testing.TB) map[string]answer {
	t.Helper()
	o, closed := w.create(t, orderBody), w.create(t, orderBody)
	w.post(t, "/v1/orders/"+closed.ID+"/close", ordersKey, "")
	payer := w.browser()
	payer.logsIn(t, codeOf("alice"))
	get := func(path string, headers ...string) answer {
		return w.call(t, http.MethodGet, path, "", "", headers...)
	}
	return map[string]answer{
		"lead-in": get("/c/counter-1"), "lead-in, fixed": get("/c/counter-1?amount=990", onPhone), "lead-in, English": get("/c/counter-1", "Accept-Language: en"),
		"lead-in, WeChat": payer.get(t, "/c/counter-1", insideWeChat), "lead-in, again": w.collect(t, w.attempt(t), "99", "x", ourOrigin),
		"cashier, desktop": get("/pay/" + o.ID), "cashier, phone": get("/pay/"+o.ID, onPhone), "cashier, WeChat": payer.get(t, "/pay/"+o.ID, insideWeChat),
		"cashier, returning": get("/pay/"+o.ID+"?from=h5", onPhone), "cashier, mini-program": get("/pay/"+o.ID, insideWeChat+" miniProgram"),
		"closed": get("/pay/" + closed.ID), "no code": get("/c/nothing"), "no order": get("/pay/nothing"), "login failed": get("/c/counter-1?login=base", insideWeChat),
		"Alipay": get("/c/counter-1", "User-Agent: AlipayClient/10"), "cross origin": w.collect(t, w.attempt(t), "1", "", "Origin: https://evil.example"),
	}
}

// What the browser gets obeys the policy that it gets with it, and would without it.
func TestPagesHoldNothingInlineAndNothingForeign(t *testing.T) {
	w := newWorld(t)
	for name, a := range w.everyPage(t) {
		policy := a.Header.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, directive) {
				t.Errorf("%s: policy %q lacks %s", name, policy, directive)
			}
		}
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: headers %v", name, a.Header)
		}
		wantReferrer := "same-origin"
		if strings.HasPrefix(name, "cashier, phone") || name == "cashier, returning" {
			wantReferrer = "strict-origin"
		}
		if got := a.Header.Get("Referrer-Policy"); got != wantReferrer {
			t.Errorf("%s: Referrer-Policy %q", name, got)
		}
		for _, fault := range faultsOf(t, a.Body) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// faultsOf finds what a strict page does not have.
func faultsOf(t testing.TB, page []byte) (faults []string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	labelled := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "label" {
			labelled[attr(n, "for")] = true
		}
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || (n.Data == "script" && (n.FirstChild != nil || attr(n, "src") == "")) || slices.Contains([]string{"iframe", "object", "embed", "base"}, n.Data) {
			faults = append(faults, "an element "+n.Data)
		}
		if n.Data == "input" && attr(n, "type") != "hidden" && !labelled[attr(n, "id")] {
			faults = append(faults, "an input without a label")
		}
		if n.Data == "html" && attr(n, "lang") == "" {
			faults = append(faults, "no language")
		}
		faults = append(faults, badAttributes(n)...)
	}
	return faults
}

func badAttributes(n *html.Node) (faults []string) {
	for _, a := range n.Attr {
		foreign := slices.Contains([]string{"src", "href", "action", "formaction", "srcset", "poster", "data"}, a.Key) &&
			(!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//"))
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || foreign {
			faults = append(faults, n.Data+" has "+a.Key+"="+a.Val)
		}
	}
	return faults
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// A test that finds faults finds these.
func TestFaultsOfAPageAreFound(t *testing.T) {
	const bad = `<html><base href="/"><style>a{}</style><script>x</script><script src="https://cdn.example/x.js"></script><p style="color:red" onclick="x"><a href="javascript:x">a</a><img src="//x.example/y"><input id="a"></html>`
	if got := faultsOf(t, []byte(bad)); len(got) != 10 {
		t.Errorf("%d faults: %q", len(got), got)
	}
}

// The first page with everything that it loads.
func TestFirstPageIsSmall(t *testing.T) {
	const budget = 50 << 10
	w := newWorld(t)
	for name, a := range w.everyPage(t) {
		root, err := html.Parse(bytes.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		size, parts := len(a.Body), 0
		for n := range root.Descendants() {
			at := attr(n, "src")
			if n.Data == "link" {
				at = attr(n, "href")
			}
			if n.Type != html.ElementNode || at == "" {
				continue
			}
			part := w.get(t, at, "")
			if part.Status != 200 || part.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
				t.Errorf("%s: %d, %q", at, part.Status, part.Header.Get("Cache-Control"))
			}
			size, parts = size+len(part.Body), parts+1
		}
		if size > budget || parts != 3 {
			t.Errorf("%s has %d bytes in %d parts", name, size, parts)
		}
	}
}

// Every input of a page, with what an attacker would give: it never becomes markup, and
// never a way to another site.
func TestHostileInputsOfPages(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, orderBody)
	attempt := w.attempt(t)
	for _, evil := range []string{
		`"><script>canary()</script>`, `'><img src=x onerror=canary()>`, `javascript:canary()`, `//evil.example/canary`, `https://evil.example/canary`, `\\evil.example\canary`,
		`</title><script>canary()</script>`, "canary\r\nSet-Cookie: canary=1", `{{.Title}}canary`, `%00canary`, "\u2028canary", `&#34;&gt;canary`,
	} {
		q := url.QueryEscape(evil)
		for where, a := range map[string]answer{
			"code": w.get(t, "/c/"+url.PathEscape(evil), ""), "amount": w.get(t, "/c/counter-1?amount="+q, ""), "any": w.get(t, "/c/counter-1?return_to="+q+"&next="+q, ""),
			"login": w.call(t, http.MethodGet, "/c/counter-1?login="+q, "", "", insideWeChat), "to login": w.call(t, http.MethodGet, "/c/counter-1?amount="+q+"&from="+q, "", "", insideWeChat),
			"order": w.get(t, "/pay/"+url.PathEscape(evil), ""), "from": w.get(t, "/pay/"+o.ID+"?from="+q, ""),
			"elsewhere": w.call(t, http.MethodGet, "/c/counter-1?amount="+q+"&x="+q, "", "", "User-Agent: AlipayClient/1"),
			"language":  w.call(t, http.MethodGet, "/c/counter-1", "", "", "Accept-Language: "+strings.Map(plain, evil)),
			"browser":   w.call(t, http.MethodGet, "/pay/"+o.ID, "", "", "User-Agent: "+strings.Map(plain, evil)),
			"typed":     w.collect(t, attempt, evil, "", ourOrigin), "remark": w.collect(t, attempt, "1", evil, ourOrigin), "the attempt": w.collect(t, evil, "1", "", ourOrigin),
			"caption": w.get(t, "/c/counter-1/poster.svg?caption="+q, ""), "poster": w.get(t, "/c/counter-1/poster.svg?amount="+q, ""),
		} {
			checkHarmless(t, where+" "+evil, a)
		}
		hostile := w.create(t, strings.Replace(orderBody, `"tea"`, quoted(strings.Map(plain, evil)), 1))
		checkHarmless(t, "description "+evil, w.get(t, "/pay/"+hostile.ID, ""))
	}
}

func plain(r rune) rune {
	if r < ' ' {
		return -1
	}
	return r
}

func quoted(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }

func checkHarmless(t *testing.T, name string, a answer) {
	t.Helper()
	if a.Status >= 500 {
		t.Errorf("%s: %d", name, a.Status)
	}
	if to := a.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || edge.OriginOf("http://x"+to) != "http://x") {
		t.Errorf("%s: leads to %q", name, to)
	}
	for _, c := range a.Header.Values("Set-Cookie") {
		if strings.Contains(c, "canary") {
			t.Errorf("%s: a cookie %q", name, c)
		}
	}
	if strings.HasPrefix(a.Header.Get("Content-Type"), "application/") {
		return // a problem in JSON is no page
	}
	for _, raw := range []string{"<script>canary", "<img src=x", "href=\"javascript:", "href=\"https://evil", "href=\"//evil", "<no value>", "ZgotmplZ"} {
		if bytes.Contains(a.Body, []byte(raw)) {
			t.Errorf("%s: %q is in the page", name, raw)
		}
	}
}
