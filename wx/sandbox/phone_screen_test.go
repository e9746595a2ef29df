package sandbox_test

import (
	"crypto/sha1" //nolint:gosec // as WeChat
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// sent is a control call with a header.
func (s *stage) sent(method, path, body, name, value string) response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/sandbox"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set(name, value)
	return s.must(r)
}

func (s *stage) phoneState() (out sandbox.PhoneState) {
	s.t.Helper()
	answer := s.control("GET", "/phone/state?user=payer-1", "")
	if err := json.Unmarshal(answer.body, &out); err != nil || answer.status != 200 {
		s.t.Fatalf("%d %s %v", answer.status, answer.body, err)
	}
	return out
}

// The phone's page loads nothing from elsewhere, allows no inline script, and speaks the reader's language.
func TestPhonePage(t *testing.T) {
	s := still(t)
	for language, want := range map[string]string{"": "实时日志", "en-GB,en": "Live log", "zh-TW": "实时日志", "fr": "实时日志", "en;q=0.5,zh;q=0.4": "Live log", "%%": "实时日志"} {
		if page := s.sent("GET", "/", "", "Accept-Language", language); !strings.Contains(string(page.body), want) {
			t.Errorf("%q: the page lacks %q", language, want)
		}
	}
	page := s.control("GET", "/", "")
	policy := page.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "frame-src http://127.0.0.1:*"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q lacks %q", policy, want)
		}
	}
	for _, file := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(string(page.body), -1) {
		if got := s.get(file[1]); got.status != 200 || !strings.HasPrefix(file[1], "/sandbox/") {
			t.Errorf("%s: %d", file[1], got.status)
		}
	}
	for _, file := range []string{"words.json", "phone.html", "nothing.js", "..%2fcontrol.go"} {
		if got := s.get("/sandbox/phone/static/" + file); got.status != 404 {
			t.Errorf("%s: %d", file, got.status)
		}
	}
}

// Every word that the phone says is there in both languages, and none is there in vain.
func TestPhoneWords(t *testing.T) {
	var words map[string]map[string]string
	text, err := os.ReadFile("phone/words.json")
	if err == nil {
		err = json.Unmarshal(text, &words)
	}
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("phone")
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	for _, f := range files {
		if text, err := os.ReadFile("phone/" + f.Name()); err == nil && f.Name() != "words.json" {
			said += string(text)
		}
	}
	for key := range words["zh-CN"] {
		if words["en"][key] == "" {
			t.Errorf("%q is not there in English", key)
		}
		if !strings.Contains(said, key) && !regexp.MustCompile(`^(state|step|receipt|f)_`).MatchString(key) {
			t.Errorf("nobody says %q", key)
		}
	}
	for _, used := range regexp.MustCompile(`(?:say\('|Say ")([a-z_]+)['"](?:[,)}]| *\))`).FindAllStringSubmatch(said, -1) {
		if words["zh-CN"][used[1]] == "" {
			t.Errorf("%q is no word", used[1])
		}
	}
	if len(words["zh-CN"]) != len(words["en"]) {
		t.Errorf("%d words and %d", len(words["zh-CN"]), len(words["en"]))
	}
}

// The sheet shows what will be paid, and refuses what the phone refuses; it changes nothing.
func TestSheet(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	given := s.prepay(s.number())
	ask := func(given, user string) response {
		return s.control("POST", "/phone/sheet", fmt.Sprintf(`{"prepay_id":%q,"user":%q}`, given, user))
	}
	if got := ask(given, "payer-1"); got.status != 200 || got.field("merchant") != "Corner shop" || got.field("total") != "100" || got.field("description") != "一杯茶" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if _, err := s.platform.CreateUser("other"); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]response{
		"409 phone_refuses": ask(given, "other"), "404 no_user": ask(given, "nobody"), "404 no_prepay": ask("wx0", "payer-1"), "422 bad_input": ask("", "payer-1"),
	} {
		if fmt.Sprint(got.status, " ", got.code()) != name {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if state := s.phoneState(); len(state.Receipts) != 0 {
		t.Errorf("looking pays: %+v", state.Receipts)
	}
	s.advance(3 * time.Hour)
	if got := ask(given, "payer-1"); got.code() != "phone_refuses" {
		t.Errorf("after its end: %d %s", got.status, got.body)
	}
}

// What was paid and given back stands in WeChat Pay's account of who paid, and of nobody else.
func TestReceiptsAndCodes(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.pay(s.prepay("paid-000001"))
	s.v3("POST", "/v3/refund/domestic/refunds", `{"out_trade_no":"paid-000001","out_refund_no":"back-1","amount":{"refund":40,"total":100,"currency":"CNY"}}`)
	s.advance(time.Minute)
	native := func(number string) string {
		answer := s.v3("POST", "/v3/pay/transactions/native", s.prepayBody(number, unset("payer")))
		return answer.field("code_url")
	}
	native("native-0001")
	code := native("native-0001") // the first is stale now
	paid := native("native-0002")
	if _, err := s.platform.Pay(paid, "payer-1", sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	state := s.phoneState()
	if len(state.Codes) != 1 || state.Codes[0].CodeURL != code || state.Codes[0].Merchant != "Corner shop" {
		t.Errorf("codes: %+v", state.Codes)
	}
	var got []string
	for _, r := range state.Receipts {
		got = append(got, fmt.Sprint(r.Amount, r.Refund, r.OutTradeNo))
	}
	if fmt.Sprint(got) != "[100 falsenative-0002 40 truepaid-000001 100 falsepaid-000001]" {
		t.Errorf("receipts: %s", got)
	}
	if _, err := s.platform.CreateUser("other"); err != nil {
		t.Fatal(err)
	}
	if other, err := s.platform.PhoneState("other"); err != nil || len(other.Receipts) != 0 {
		t.Errorf("somebody else's: %+v %v", other.Receipts, err)
	}
}

// The chat says what the app was told, what became of it, and what it answered.
func TestChat(t *testing.T) {
	s := still(t)
	app := sandbox.DefaultOfficialAccount
	lines := func() string {
		chat, err := s.platform.Chat(app, "payer-1")
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, l := range chat {
			out = append(out, l.From+":"+l.Text+":"+l.State)
		}
		return strings.Join(out, " ")
	}
	s.control("POST", "/follow", `{"app_id":"`+app+`","user":"payer-1"}`)
	if got := lines(); got != "event:subscribe:nowhere" {
		t.Errorf("without a URL: %s", got)
	}
	r := s.pushReceiver(app)
	s.setPush(r, "plain", "")
	r.answers(200, `<xml><ToUserName>a</ToUserName><MsgType>text</MsgType><Content><![CDATA[<b>hello</b>]]></Content></xml>`)
	s.control("POST", "/messages", `{"app_id":"`+app+`","user":"payer-1","text":"hi"}`)
	eventually(t, "the answer is there", func() bool {
		return lines() == "event:subscribe:nowhere user:hi:received account:<b>hello</b>:"
	})
	r.answers(500, "")
	s.control("POST", "/menu-click", `{"app_id":"`+app+`","user":"payer-1","key":"k1"}`)
	eventually(t, "the failure is there", func() bool { return strings.HasSuffix(lines(), " event:CLICK k1:failed") })
	s.platform.Reset()
	if _, err := s.platform.CreateUser("payer-1"); err != nil || lines() != "" {
		t.Errorf("a chat outlives a reset: %s %v", lines(), err)
	}
}

// wx.config is verified: the ticket, every value and the address, without what follows #.
func TestPageConfig(t *testing.T) {
	s := still(t)
	app, page := sandbox.DefaultOfficialAccount, "http://127.0.0.1:8080/c/1?a=1"
	c := sandbox.PageConfig{AppID: app, Timestamp: "1700000000", NonceStr: "n", URL: page + "#x"}
	if err := s.platform.CheckPageConfig(c); err == nil {
		t.Error("without a ticket anything passes")
	}
	ticket := s.ticket(s.stable(app, false).field("access_token"), "jsapi").field("ticket")
	sum := sha1.Sum([]byte("jsapi_ticket=" + ticket + "&noncestr=n&timestamp=1700000000&url=" + page)) //nolint:gosec // the same
	c.Signature = hex.EncodeToString(sum[:])
	if err := s.platform.CheckPageConfig(c); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*sandbox.PageConfig){
		"another page": func(c *sandbox.PageConfig) { c.URL = "http://127.0.0.1:8080/c/2" }, "another time": func(c *sandbox.PageConfig) { c.Timestamp += "0" },
		"another nonce": func(c *sandbox.PageConfig) { c.NonceStr = "m" }, "another app": func(c *sandbox.PageConfig) { c.AppID = sandbox.DefaultPartnerAccount },
		"no signature": func(c *sandbox.PageConfig) { c.Signature = "" }, "no app": func(c *sandbox.PageConfig) { c.AppID = "wx0" },
	} {
		spoiled := c
		change(&spoiled)
		if err := s.platform.CheckPageConfig(spoiled); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	s.advance(3 * time.Hour)
	if err := s.platform.CheckPageConfig(c); err == nil {
		t.Error("a ticket that is over passes")
	}
}

// wx.request goes out as a mini-program's; only the phone's own page may ask for it, and for views.
func TestWxRequest(t *testing.T) {
	s := still(t)
	seen := make(chan *http.Request, 1)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		seen <- r
		w.WriteHeader(201)
		_, _ = io.WriteString(w, `{"id":1}`)
	}))
	defer site.Close()
	ask := `{"app_id":"wx1","url":"` + site.URL + `/v1/orders","method":"POST","header":{"Authorization":"Bearer t"},"body":"{}"}`
	if got := s.control("POST", "/phone/request", ask); got.status != 200 || got.field("status") != "201" || got.field("body") != `{"id":1}` {
		t.Errorf("%d %s", got.status, got.body)
	}
	if r := <-seen; !strings.Contains(r.UserAgent(), "MicroMessenger") || r.Referer() != "https://servicewechat.com/wx1/devtools/page-frame.html" || r.Header.Get("Authorization") != "Bearer t" {
		t.Errorf("%v", r.Header)
	}
	for _, path := range []string{"/phone/request", "/phone/view"} {
		for name, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
			if got := s.sent("POST", path, ask, name, value); got.status != 403 || got.code() != "cross_origin" {
				t.Errorf("%s with %s %s: %d %s", path, name, value, got.status, got.body)
			}
		}
	}
	for body, want := range map[string]string{
		`{"url":"file:///etc/passwd","method":"GET"}`: "422", `{"url":"` + site.URL + `","method":"TRACE"}`: "422", `{"url":"","method":"GET"}`: "422",
		`{"url":"http://127.0.0.1:1/x","method":"GET"}`: "502",
	} {
		if got := s.control("POST", "/phone/request", body); fmt.Sprint(got.status) != want {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	for body, want := range map[string]string{
		`{"user":"payer-1","url":"javascript:alert(1)"}`: "422 bad_input", `{"user":"payer-1","url":"/c/1"}`: "422 bad_input", `{"user":"nobody","url":"http://a/"}`: "404 no_user",
	} {
		if got := s.control("POST", "/phone/view", body); fmt.Sprint(got.status, " ", got.code()) != want {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

// In the web view the platform's own pages know whose phone it is, and no other site does.
func TestTheWebViewKnowsItsHolder(t *testing.T) {
	s := still(t)
	cookies := make(chan string, 1)
	site := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { cookies <- r.Header.Get("Cookie") }))
	defer site.Close()
	view := func(url string) string {
		got := s.control("POST", "/phone/view", `{"user":"payer-1","url":"`+url+`"}`)
		if got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return got.field("url")
	}
	fetch := func(url string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		got, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = got.Body.Close()
		return got
	}
	got := fetch(view(s.url + door("/connect/oauth2/authorize", sandbox.DefaultOfficialAccount, "snsapi_base", "redirect_uri", site.URL+"/back")))
	to := got.Header.Get("Location")
	if got.StatusCode != 302 || !strings.HasPrefix(to, view(site.URL+"/back")) || !strings.Contains(to, "code=") {
		t.Fatalf("%d %s", got.StatusCode, to)
	}
	fetch(to)
	if c := <-cookies; c != "" {
		t.Errorf("the site gets the cookies %q", c)
	}
	if answer := s.control("POST", "/phone/original", `{"url":"`+to+`"}`); !strings.HasPrefix(answer.field("url"), site.URL+"/back?code=") {
		t.Errorf("%s", answer.body)
	}
}
