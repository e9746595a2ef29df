package sandbox_test

import (
	"net/url"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

const (
	authorize = "/connect/oauth2/authorize"
	qrconnect = "/connect/qrconnect"
)

func TestAuthorizeBaseRedirectsAtOnce(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	path := door(authorize, sandbox.DefaultOfficialAccount, "snsapi_base")
	for _, name := range []string{s.payer.ID, "payer-1"} {
		got := landed(t, s.browser(inWeChat).held(name).get(path))
		if got.Get("state") != "s1" || s.oauth(sandbox.DefaultOfficialAccount, got.Get("code")).field("openid") != s.payer.OpenIDs[sandbox.DefaultOfficialAccount] {
			t.Errorf("%v", got)
		}
	}
}

func TestAuthorizeAsksOnceForUserInfo(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	b := s.browser(inWeChat).held(s.payer.ID)
	path := door(authorize, sandbox.DefaultOfficialAccount, "snsapi_userinfo")
	form := url.Values{"back": {path}, "answer": {"deny"}}
	if asked := b.get(path); asked.status != 200 || !strings.Contains(string(asked.body), "允许") {
		t.Fatalf("%d %s", asked.status, asked.body)
	}
	if got := landed(t, b.submit("/sandbox/phone/consent", form)); got.Has("code") || got.Get("state") != "s1" {
		t.Errorf("denied: %v", got)
	}
	if asked := b.get(path); asked.status != 200 {
		t.Errorf("not asked again after a refusal: %d", asked.status)
	}
	form.Set("answer", "allow")
	if got := landed(t, b.submit("/sandbox/phone/consent", form)); got.Get("code") == "" {
		t.Errorf("allowed: %v", got)
	}
	if got := landed(t, b.get(path)); got.Get("code") == "" || got.Get("state") != "s1" {
		t.Errorf("remembered: %v", got)
	}
}

func TestAuthorizeInADesktopBrowser(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	b := s.browser("Mozilla/5.0 (X11; Linux)")
	path := door(authorize, sandbox.DefaultOfficialAccount, "snsapi_base")
	if outside := b.get(path); outside.status != 200 || !strings.Contains(string(outside.body), "请在微信客户端打开链接") {
		t.Fatalf("%d %s", outside.status, outside.body)
	}
	if in := b.submit("/sandbox/phone/inside", url.Values{"back": {path}}); in.status != 303 || in.header.Get("Location") != path {
		t.Fatalf("%d %q", in.status, in.header.Get("Location"))
	}
	if users := b.get(path); !strings.Contains(string(users.body), "payer-1") {
		t.Fatalf("%s", users.body)
	}
	if chosen := b.submit("/sandbox/phone/user", url.Values{"back": {path}, "user": {s.payer.ID}}); chosen.status != 303 {
		t.Fatalf("%d %s", chosen.status, chosen.body)
	}
	if got := landed(t, b.get(path)); got.Get("code") == "" {
		t.Errorf("%v", got)
	}
}

func TestOpenPagesRefuseBadParameters(t *testing.T) {
	apps := sandbox.DefaultApps()
	for i := range apps {
		apps[i].AuthDomains = []string{"shop.example", "127.0.0.1:8080"}
	}
	s := newStage(t, sandbox.Options{Apps: apps})
	b := s.browser(inWeChat).held(s.payer.ID)
	official, website := sandbox.DefaultOfficialAccount, sandbox.DefaultWebsite
	for name, test := range map[string]struct{ path, text string }{
		"no appid":         {door(authorize, "", "snsapi_base"), "10012"},
		"unknown appid":    {door(authorize, "wx0", "snsapi_base"), "AppID 参数错误"},
		"a website":        {door(authorize, website, "snsapi_login"), "10016"},
		"response_type":    {door(authorize, official, "snsapi_base", "response_type", "token"), "response_type"},
		"no redirect_uri":  {door(authorize, official, "snsapi_base", "redirect_uri", ""), "10011"},
		"relative":         {door(authorize, official, "snsapi_base", "redirect_uri", "/back"), "10003"},
		"another domain":   {door(authorize, official, "snsapi_base", "redirect_uri", "https://evil.example/"), "10003"},
		"subdomain":        {door(authorize, official, "snsapi_base", "redirect_uri", "https://a.shop.example/"), "10003"},
		"another port":     {door(authorize, official, "snsapi_base", "redirect_uri", "http://127.0.0.1:9/"), "10003"},
		"script":           {door(authorize, official, "snsapi_base", "redirect_uri", "javascript:alert(1)"), "10003"},
		"no scope":         {door(authorize, official, ""), "10010"},
		"snsapi_login":     {door(authorize, official, "snsapi_login"), "10005"},
		"state with dash":  {door(authorize, official, "snsapi_base", "state", "a-b"), "state 参数错误"},
		"state too long":   {door(authorize, official, "snsapi_base", "state", strings.Repeat("a", 129)), "state 参数错误"},
		"qr of official":   {door(qrconnect, official, "snsapi_login"), "10016"},
		"qr userinfo":      {door(qrconnect, website, "snsapi_userinfo"), "10005"},
		"qr other domain":  {door(qrconnect, website, "snsapi_login", "redirect_uri", "https://evil.example/"), "10003"},
		"qr unknown appid": {door(qrconnect, "wx0", "snsapi_login"), "AppID 参数错误"},
	} {
		if answer := b.get(test.path); answer.status != 200 || !strings.Contains(string(answer.body), test.text) || answer.header.Get("Location") != "" {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	if got := b.get(door(authorize, official, "snsapi_base", "redirect_uri", "http://127.0.0.1:8080/x")); got.status != 302 {
		t.Errorf("host with port: %d %s", got.status, got.body)
	}
	if got := b.get("/connect/elsewhere"); got.status != 404 {
		t.Errorf("another page: %d", got.status)
	}
}

func TestPhoneFormsLeadNowhereElse(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	b := s.browser(inWeChat)
	path := door(authorize, sandbox.DefaultOfficialAccount, "snsapi_userinfo")
	for name, test := range map[string]struct {
		path   string
		form   url.Values
		status int
	}{
		"no back":      {"/inside", url.Values{}, 422},
		"another host": {"/inside", url.Values{"back": {"https://evil.example/connect/x"}}, 422},
		"two slashes":  {"/inside", url.Values{"back": {"//evil.example/connect/x"}}, 422},
		"another path": {"/user", url.Values{"back": {"/sandbox/"}, "user": {"payer-1"}}, 422},
		"no user":      {"/user", url.Values{"back": {path}, "user": {"nobody"}}, 404},
		"nobody":       {"/consent", url.Values{"back": {path}, "answer": {"allow"}}, 404},
		"no answer":    {"/consent", url.Values{"back": {path}, "user": {"payer-1"}}, 422},
		"bad request":  {"/consent", url.Values{"back": {authorize}, "user": {"payer-1"}, "answer": {"allow"}}, 200},
	} {
		if got := b.submit("/sandbox/phone"+test.path, test.form); got.status != test.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestQRConnect(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	path := door(qrconnect, sandbox.DefaultWebsite, "snsapi_login", "state", "a-b_c")
	b := s.browser("Mozilla/5.0 (X11; Linux)")
	if qr := b.get(path); qr.status != 200 || !strings.Contains(string(qr.body), "payer-1") {
		t.Fatalf("%d %s", qr.status, qr.body)
	}
	form := url.Values{"back": {path}, "user": {"payer-1"}, "answer": {"deny"}}
	if refused := b.submit("/sandbox/phone/consent", form); refused.status != 200 || refused.header.Get("Location") != "" {
		t.Errorf("denied: %d", refused.status)
	}
	form.Set("answer", "allow")
	got := landed(t, b.submit("/sandbox/phone/consent", form))
	if got.Get("state") != "a-b_c" {
		t.Errorf("%v", got)
	}
	if answer := s.oauth(sandbox.DefaultWebsite, got.Get("code")); answer.field("unionid") != s.payer.UnionIDs["main"] || answer.field("scope") != "snsapi_login" {
		t.Errorf("%s", answer.body)
	}
	if got := landed(t, b.held("payer-1").get(path)); got.Get("code") == "" {
		t.Error("a remembered consent with the cookie does not redirect")
	}
}

func TestConsentByControlSkipsThePages(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for path, app := range map[string]string{
		door(authorize, sandbox.DefaultOfficialAccount, "snsapi_userinfo"): sandbox.DefaultOfficialAccount,
		door(qrconnect, sandbox.DefaultWebsite, "snsapi_login"):            sandbox.DefaultWebsite,
	} {
		if made := s.control("POST", "/consents", `{"app_id":"`+app+`","user":"payer-1"}`); made.status != 204 {
			t.Fatalf("%d %s", made.status, made.body)
		}
		if got := landed(t, s.browser(inWeChat).held("payer-1").get(path)); got.Get("code") == "" {
			t.Error(path)
		}
	}
}

func TestOpenPagesSufferFaults(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.fault(sandbox.Fault{Match: "/connect/", Kind: "system_error"})
	b := s.browser(inWeChat).held(s.payer.ID)
	path := door(authorize, sandbox.DefaultOfficialAccount, "snsapi_base")
	if answer := b.get(path); answer.status != 200 || !strings.Contains(string(answer.body), "系统繁忙") {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := b.get(path); answer.status != 302 {
		t.Errorf("%d", answer.status)
	}
}
