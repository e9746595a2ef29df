package stack_test

import (
	"net/http"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

// Keys of business backends in these tests, on top of the stack's own.
const (
	tokensKey = "key-of-the-backend-with-tokens"
	ordersKey = "key-of-the-backend-with-orders"
	backends  = "WXHUB_SERVER__API_KEYS=[{name: tokens, key: " + tokensKey + ", scopes: [tokens]}, {name: orders, key: " + ordersKey + ", scopes: [orders]}]"
)

const domainIP = "/cgi-bin/get_api_domain_ip"

// calls counts what WeChat was asked below path, successful or not.
func (b *bench) calls(path string) (n int) {
	for _, e := range b.Sandbox.Log(0) {
		if strings.HasPrefix(e.Path, path) {
			n++
		}
	}
	return n
}

func (b *bench) wantFetches(n int) {
	b.t.Helper()
	if got := b.calls("/cgi-bin/stable_token"); got != n {
		b.t.Errorf("WeChat was asked for a token %d times, want %d", got, n)
	}
}

type accessToken struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
}

func (b *bench) accessToken() accessToken {
	b.t.Helper()
	var t accessToken
	b.do(http.MethodGet, "/v1/apps/"+b.app+"/access-token", tokensKey, nil).into(b.t, 200, &t)
	return t
}

func (b *bench) refresh(stale string) (t accessToken) {
	b.t.Helper()
	b.do(http.MethodPost, "/v1/apps/"+b.app+"/access-token/refresh", tokensKey, map[string]string{"stale": stale}).into(b.t, 200, &t)
	return t
}

func TestAccessTokenIsForBackendsWithTheScope(t *testing.T) {
	b := start(t, backends)
	session := b.login(b.newUser()).session
	for name, test := range map[string]struct {
		app, bearer string
		status      int
		code        string
	}{
		"no credentials":        {b.app, "", 401, "unauthenticated"},
		"a wrong key":           {b.app, tokensKey + "x", 401, "session_invalid"},
		"a key of other scope":  {b.app, ordersKey, 403, "scope_missing"},
		"a user":                {b.app, session, 403, "api_key_required"},
		"an unknown app":        {"wx0000000000000000", tokensKey, 404, "app_unknown"},
		"an app without tokens": {sandbox.DefaultWebsite, tokensKey, 404, "app_unknown"},
	} {
		for method, path := range map[string]string{http.MethodGet: "/access-token", http.MethodPost: "/access-token/refresh"} {
			var body any
			if method == http.MethodPost {
				body = map[string]string{"stale": "x"}
			}
			var problem struct{ Code string }
			b.do(method, "/v1/apps/"+test.app+path, test.bearer, body).into(t, test.status, &problem)
			if problem.Code != test.code {
				t.Errorf("%s, %s: %q, want %q", name, method, problem.Code, test.code)
			}
		}
	}
	b.wantFetches(0)
	a := b.do(http.MethodGet, "/v1/apps/"+b.app+"/access-token", tokensKey, nil)
	var got accessToken
	a.into(t, 200, &got)
	if len(got.AccessToken) < 100 || got.ExpiresIn < 7100 || got.ExpiresIn > 7200 || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a token of %d characters, %d s, Cache-Control %q", len(got.AccessToken), got.ExpiresIn, a.Header.Get("Cache-Control"))
	}
	b.do(http.MethodPost, "/v1/apps/"+b.app+"/access-token/refresh", tokensKey, map[string]string{}).into(t, 422, nil)
}

func TestAHundredReportsOfOneTokenMakeOneFetch(t *testing.T) {
	b := start(t, backends)
	bad := b.accessToken().AccessToken
	b.wantFetches(1)
	if err := b.Sandbox.RevokeTokens(b.app, false); err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + tokensKey}}
	tokens := make([]accessToken, 100)
	atOnce(func(i int) {
		send(t, http.MethodPost, b.URL+"/v1/apps/"+b.app+"/access-token/refresh", header, []byte(`{"stale":"`+bad+`"}`)).into(t, 200, &tokens[i])
	})
	for _, got := range tokens {
		if got.AccessToken != tokens[0].AccessToken || got.AccessToken == bad {
			t.Fatal("the reporters got different tokens, or the bad one")
		}
	}
	b.wantFetches(2)
	if b.refresh(bad).AccessToken != tokens[0].AccessToken || b.refresh("nobody's").AccessToken != tokens[0].AccessToken {
		t.Error("a report of a token that is not the current one changed something")
	}
	b.wantFetches(2)
	if b.accessToken().AccessToken != tokens[0].AccessToken {
		t.Error("another token is current")
	}
}

// WeChat goes on giving the token that it calls bad, until it is forced.
func TestAStuckTokenIsForcedOnce(t *testing.T) {
	b := start(t, backends)
	bad := b.accessToken().AccessToken
	if err := b.Sandbox.RevokeTokens(b.app, true); err != nil {
		t.Fatal(err)
	}
	b.hundred(domainIP)
	if b.accessToken().AccessToken == bad {
		t.Error("the bad token is still given out")
	}
	b.wantFetches(3) // one for the token, one that brought the bad one again, one forced
}

// WeChat names the address that it wants on its list; so does wxhub, and asks once.
func TestAnAddressThatWeChatDoesNotKnowIsNamedAndAskedForOnce(t *testing.T) {
	b := start(t, backends)
	if err := b.Sandbox.AllowIPs(b.app, "203.0.113.9"); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		var problem struct{ Code, Detail string }
		b.do(http.MethodGet, "/v1/apps/"+b.app+"/access-token", tokensKey, nil).into(t, 502, &problem)
		if problem.Code != "wechat_token_refused" || !strings.Contains(problem.Detail, "add 127.0.0.1 to") {
			t.Errorf("got %+v", problem)
		}
		for _, path := range []string{"/cgi-bin/token", domainIP, "/cgi-bin/ticket/getticket?type=jsapi"} {
			r := b.wxapi(http.MethodGet, path, tokensKey, "")
			if r.status != 200 || r.ErrCode != 40164 || !strings.Contains(r.ErrMsg, "add 127.0.0.1 to") {
				t.Errorf("%s: %+v", path, r)
			}
		}
	}
	b.wantFetches(1)
}

// Tokens, tickets, the appsecret and the keys are looked for in the log at debug level
// and in the metrics, after good and bad weather, refused callers included.
func TestTokensAndKeysStayOutOfLogAndMetrics(t *testing.T) {
	b := start(t, backends)
	canaries := b.secrets(nil)
	canaries["the key with tokens"], canaries["the key with orders"] = tokensKey, ordersKey
	remember := func(value string) {
		if value == "" {
			return
		}
		// A part is found too where the rest is escaped or cut off.
		canaries["the credential that begins with "+value[:8]] = value[8:40]
	}
	// After a failure an app is left in peace for a moment, so the others go on.
	apps := []string{b.app, sandbox.DefaultSecondMini, sandbox.DefaultOfficialAccount, sandbox.DefaultUnboundMini}
	for i, kind := range []string{"", "drop", "http_500", "not_json", "", "truncate", "system_error", "lost_answer", "frequency_limited"} {
		b.app = apps[i%len(apps)]
		for _, match := range []string{domainIP, "/cgi-bin/ticket/", "/cgi-bin/stable_token"} {
			if err := b.Sandbox.RevokeTokens(b.app, match == domainIP); err != nil {
				t.Fatal(err)
			}
			if kind != "" {
				b.fault(match, kind, 1)
			}
			token := b.wxapi(http.MethodGet, "/cgi-bin/token?secret="+tokensKey, "", "").AccessToken
			remember(token)
			for _, query := range []string{"?access_token=" + token, "?secret=" + tokensKey, "?secret=" + ordersKey, "?access_token=" + token + "%zz"} {
				b.wxapi(http.MethodGet, domainIP+query, "", "")
				b.wxapi(http.MethodPost, "/cgi-bin/clear_quota"+query, "", `{"secret":"`+tokensKey+`"}`)
				remember(b.wxapi(http.MethodGet, "/cgi-bin/ticket/getticket"+query+"&type=jsapi", "", "").Ticket)
			}
			b.do(http.MethodPost, "/v1/apps/"+b.app+"/access-token/refresh", tokensKey, map[string]string{"stale": token})
			b.Sandbox.ClearFaults()
		}
	}
	metrics := string(b.do(http.MethodGet, "/metrics", "", nil).Body)
	for _, name := range []string{"wxhub_token_age_seconds", "wxhub_token_expires_in_seconds", b.app} {
		if !strings.Contains(metrics, name) {
			t.Errorf("the metrics lack %s", name)
		}
	}
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	if len(canaries) < 20 || !strings.Contains(b.log.String(), "token fetched") || !strings.Contains(b.log.String(), `"audit":true`) {
		t.Fatalf("the walk left %d canaries and %d bytes of log", len(canaries), b.log.Len())
	}
	for name, secret := range canaries {
		for where, text := range map[string]string{"log": b.log.String(), "metrics": metrics} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is in the %s", name, where)
			}
		}
	}
}
