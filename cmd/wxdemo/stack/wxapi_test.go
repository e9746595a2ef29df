package stack_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"wxhub/wx/sandbox"
)

// wxAnswer is any answer of the drop-in face, with an errcode of WeChat's.
type wxAnswer struct {
	status  int
	ErrCode int    `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
	Ticket  string
	accessToken
	IPList []string `json:"ip_list"`
}

// wxapi calls the drop-in face as a program that is known by its bearer, if it has one.
func (b *bench) wxapi(method, path, bearer, body string) (out wxAnswer) {
	b.t.Helper()
	header := http.Header{}
	if bearer != "" {
		header.Set("Authorization", "Bearer "+bearer)
	}
	a := send(b.t, method, b.URL+"/v1/wxapi/"+b.app+path, header, []byte(body))
	if err := json.Unmarshal(a.Body, &out); err != nil {
		out.ErrCode, out.ErrMsg = -2, "not JSON: "+string(a.Body) // WeChat's own broken answers are passed on
	}
	out.status = a.Status
	return out
}

// tokenByKey gets a token as an SDK does: the API key stands for the appsecret.
func (b *bench) tokenByKey() string {
	b.t.Helper()
	r := b.wxapi(http.MethodGet, "/cgi-bin/token?grant_type=client_credential&appid="+b.app+"&secret="+tokensKey, "", "")
	if r.status != 200 || r.AccessToken == "" {
		b.t.Fatalf("%d %d %s", r.status, r.ErrCode, r.ErrMsg)
	}
	return r.AccessToken
}

// atOnce does something a hundred times at the same time.
func atOnce(do func(i int)) {
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
	// A connection that was opened and not used would hold up the server's end.
	http.DefaultClient.CloseIdleConnections()
}

// hundred makes a call a hundred times at once and wants all of them to succeed.
func (b *bench) hundred(path string) {
	b.t.Helper()
	results := make([]wxAnswer, 100)
	atOnce(func(i int) { results[i] = b.wxapi(http.MethodGet, path, tokensKey, "") })
	for _, r := range results {
		if r.status != 200 || r.ErrCode != 0 || len(r.IPList) == 0 {
			b.t.Fatalf("%+v", r)
		}
	}
}

func TestDropInGivesTokensAndTicketsInWeChatsShape(t *testing.T) {
	b := start(t, backends)
	token := b.tokenByKey()
	stable := func(appID string) wxAnswer {
		return b.wxapi(http.MethodPost, "/cgi-bin/stable_token", "", `{"grant_type":"client_credential","appid":"`+appID+`","secret":"`+tokensKey+`","force_refresh":true}`)
	}
	if r := stable(b.app); r.AccessToken != token || r.ExpiresIn < 7100 || r.ExpiresIn > 7200 {
		t.Errorf("%+v", r)
	}
	if r := stable(sandbox.DefaultOfficialAccount); r.status != 422 || r.ErrCode != 40013 || r.AccessToken != "" {
		t.Errorf("the app of another URL: %+v", r)
	}
	if b.accessToken().AccessToken != token {
		t.Error("the two faces give different tokens")
	}
	seen := map[string]bool{}
	for _, kind := range []string{"jsapi", "wx_card"} {
		path := "/cgi-bin/ticket/getticket?type=" + kind
		first := b.wxapi(http.MethodGet, path+"&access_token="+token, "", "")
		if first.status != 200 || first.ErrMsg != "ok" || first.Ticket == "" || first.ExpiresIn < 7100 {
			t.Errorf("%+v", first)
		}
		if again := b.wxapi(http.MethodPost, path, tokensKey, ""); again.Ticket != first.Ticket {
			t.Errorf("by key: %+v", again)
		}
		seen[first.Ticket] = true
	}
	if r := b.wxapi(http.MethodGet, "/cgi-bin/ticket/getticket?type=x", tokensKey, ""); r.status != 422 || r.ErrCode != 40097 {
		t.Errorf("%+v", r)
	}
	if len(seen) != 2 || b.calls("/cgi-bin/ticket/") != 2 {
		t.Errorf("%d tickets by %d calls", len(seen), b.calls("/cgi-bin/ticket/"))
	}
	b.wantFetches(1) // force_refresh is not passed on
}

// Whoever asks: WeChat gets the app's own token, and none of the caller's credentials.
func TestDropInForwardsWithItsOwnToken(t *testing.T) {
	b := start(t, backends)
	token := b.tokenByKey()
	for _, r := range []wxAnswer{
		b.wxapi(http.MethodGet, domainIP+"?access_token="+token, "", ""),
		b.wxapi(http.MethodGet, domainIP, tokensKey, ""),
		b.wxapi(http.MethodGet, domainIP+"?access_token=something-else", tokensKey, ""),
		b.wxapi(http.MethodGet, domainIP+"?secret="+tokensKey, "", ""),
	} {
		if r.status != 200 || r.ErrCode != 0 || len(r.IPList) == 0 {
			t.Errorf("%+v", r)
		}
	}
	// WeChat's own refusals pass as they are.
	if r := b.wxapi(http.MethodGet, "/wxa/checksession?openid=nobody&access_token="+token, "", ""); r.status != 200 || r.ErrCode != 40003 {
		t.Errorf("%+v", r)
	}
	if r := b.wxapi(http.MethodPost, domainIP+"?access_token="+token, "", `{"secret":"of the caller's own"}`); r.status != 200 || r.ErrCode != 43001 {
		t.Errorf("%+v", r)
	}
	if r := b.wxapi(http.MethodPost, domainIP, "", `{"secret":"`+tokensKey+`"}`); r.status != 401 {
		t.Errorf("a key in a body that would go on to WeChat: %+v", r)
	}
	for _, e := range b.Sandbox.Log(0) {
		if strings.HasPrefix(e.Path, domainIP) && (strings.Contains(e.Path, "secret=") || strings.Count(e.Path, "access_token=") != 1) {
			t.Errorf("forwarded as %s", e.Path)
		}
	}
}

// asked are the calls that WeChat got, but for the certificates that are fetched once at
// the start, whenever that is.
func (b *bench) asked() (calls []sandbox.Entry) {
	for _, e := range b.Sandbox.Log(0) {
		if e.Path != "/v3/certificates" {
			calls = append(calls, e)
		}
	}
	return calls
}

func TestDropInForwardsOnlyWhatIsAllowed(t *testing.T) {
	b := start(t, backends)
	b.tokenByKey()
	before := len(b.asked())
	for _, path := range []string{
		"/sns/jscode2session", "/v3/pay/transactions/jsapi", "/sandbox/credentials", "/cgi-bin", "/cgi-binx",
		"/cgi-bin/clear_quota", "/cgi-bin/clear_quota/v2", "/cgi-bin/Clear_Quota", "/CGI-BIN/user/info", "/wxa/ResetUserSessionKey",
		"/cgi-bin/component/api_query_auth", "/cgi-bin/ticket/x",
		"/cgi-bin/../sns/jscode2session", "/cgi-bin/..", "/cgi-bin/./clear_quota", "/cgi-bin/user/../clear_quota", "/cgi-bin/...;/x",
		"/cgi-bin/%2e%2e/sns/jscode2session", "/cgi-bin/%2E./sns/jscode2session", "/cgi-bin/%252e%252e/sns/jscode2session",
		"/cgi-bin%2fclear_quota", "/cgi-bin/%2fclear_quota", "/cgi-bin%2F..%2Fsns/jscode2session", "/cgi-bin/clear%5fquota",
		"/cgi-bin//clear_quota", "//cgi-bin/user/info", "/cgi-bin/%5c..%5csns", "/cgi-bin/;/clear_quota", "/cgi-bin/user%00", "/cgi-bin/user%20info",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if r := b.wxapi(method, path, tokensKey, ""); r.status != 403 || r.ErrCode != 48001 || !strings.Contains(r.ErrMsg, "path_not_allowed") {
				t.Errorf("%s %s: %+v", method, path, r)
			}
		}
	}
	if after := b.asked(); len(after) != before {
		t.Errorf("WeChat got %+v", after[before:])
	}
	if a := b.do(http.MethodDelete, "/v1/wxapi/"+b.app+domainIP, tokensKey, nil); a.Status != 404 && a.Status != 405 {
		t.Errorf("DELETE: %d", a.Status)
	}
}

func TestDropInRefusesStrangers(t *testing.T) {
	b := start(t, backends)
	token := b.tokenByKey()
	ticket := b.wxapi(http.MethodGet, "/cgi-bin/ticket/getticket?type=jsapi", tokensKey, "").Ticket
	other := *b
	other.app = sandbox.DefaultOfficialAccount
	foreign := other.tokenByKey()
	unknown := *b
	unknown.app = "wx0000000000000000"
	before := len(b.asked())
	for name, test := range map[string]struct {
		at           *bench
		query        string
		bearer       string
		status, code int
	}{
		"no credentials":                    {b, "", "", 401, 40125},
		"a wrong key":                       {b, "", tokensKey + "x", 401, 40125},
		"a wrong key as the secret":         {b, "secret=" + tokensKey + "x", "", 401, 40125},
		"the appsecret itself":              {b, "secret=" + b.Sandbox.Credentials().Apps[0].Secret, "", 401, 40125},
		"a key without the scope":           {b, "", ordersKey, 403, 48001},
		"a key without the scope, secret":   {b, "secret=" + ordersKey, "", 403, 48001},
		"a token that nobody has":           {b, "access_token=" + url.QueryEscape(token[1:]+"x"), "", 401, 40001},
		"a token of another app":            {b, "access_token=" + foreign, "", 401, 40001},
		"this token at another app":         {&other, "access_token=" + token, "", 401, 40001},
		"a ticket instead of a token":       {b, "access_token=" + ticket, "", 401, 40001},
		"a good token, and a wrong key too": {b, "access_token=" + token, tokensKey + "x", 401, 40125},
		"an unknown app":                    {&unknown, "", tokensKey, 404, 40013},
	} {
		for _, path := range []string{domainIP + "?x=1&", "/cgi-bin/ticket/getticket?type=jsapi&", "/cgi-bin/token?"} {
			if strings.HasPrefix(path, "/cgi-bin/token") && strings.HasPrefix(test.query, "access_token") {
				continue // a token does not buy a token: nobody asks so
			}
			if r := test.at.wxapi(http.MethodGet, path+test.query, test.bearer, ""); r.status != test.status || r.ErrCode != test.code {
				t.Errorf("%s, %s: %+v", name, path, r)
			}
		}
	}
	if after := b.asked(); len(after) != before {
		t.Errorf("WeChat got %+v", after[before:])
	}
}

// A program keeps its token for hours; wxhub may replace it meanwhile.
func TestATokenThatWasReplacedIsStillAccepted(t *testing.T) {
	b := start(t, backends)
	old := b.tokenByKey()
	if err := b.Sandbox.RevokeTokens(b.app, false); err != nil {
		t.Fatal(err)
	}
	if b.refresh(old).AccessToken == old {
		t.Fatal("the token was not replaced")
	}
	for range 3 {
		if r := b.wxapi(http.MethodGet, domainIP+"?access_token="+old, "", ""); r.status != 200 || len(r.IPList) == 0 {
			t.Errorf("%+v", r)
		}
	}
	b.wantFetches(2)
}

// The key is taken out of the configuration: what was handed to it opens nothing, and
// what was handed to others still does.
func TestTokensOfARevokedKeyOpenNothing(t *testing.T) {
	redis := "WXHUB_REDIS__URL=redis://" + miniredis.RunT(t).Addr()
	const gone = "key-of-a-backend-that-goes"
	first := start(t, redis, strings.Replace(backends, "=[", "=[{name: gone, key: "+gone+", scopes: [tokens]}, ", 1))
	mine := first.wxapi(http.MethodGet, "/cgi-bin/token?secret="+gone, "", "").AccessToken
	if r := first.wxapi(http.MethodGet, domainIP+"?access_token="+mine, "", ""); mine == "" || r.status != 200 {
		t.Fatalf("%+v", r)
	}
	second := start(t, redis, backends)
	for _, path := range []string{domainIP + "?", "/cgi-bin/ticket/getticket?type=jsapi&"} {
		if r := second.wxapi(http.MethodGet, path+"access_token="+mine, "", ""); r.status != 401 || r.ErrCode != 40001 {
			t.Errorf("%s: %+v", path, r)
		}
	}
	if theirs := second.tokenByKey(); theirs != mine {
		t.Fatal("the token was not shared")
	}
	// The second stack's WeChat does not know the token of the first, which heals too.
	if r := second.wxapi(http.MethodGet, domainIP+"?access_token="+mine, "", ""); r.status != 200 {
		t.Errorf("handed to another key as well: %+v", r)
	}
}

func TestAHundredCallsWithABadTokenMakeOneRefresh(t *testing.T) {
	b := start(t, backends)
	b.hundred(domainIP)
	b.wantFetches(1)
	if err := b.Sandbox.RevokeTokens(b.app, false); err != nil {
		t.Fatal(err)
	}
	b.hundred(domainIP)
	b.wantFetches(2)
}
