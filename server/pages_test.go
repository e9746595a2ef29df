package server_test

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"wxhub/pay"
)

const (
	insideWeChat = "User-Agent: Mozilla/5.0 (iPhone) MicroMessenger/8.0.42 NetType/WIFI"
	onPhone      = "User-Agent: Mozilla/5.0 (iPhone) Mobile Safari"
	ourOrigin    = "Origin: " + publicURL
	asForm       = "Content-Type: application/x-www-form-urlencoded"
)

var attemptField = regexp.MustCompile(`name="attempt" value="([A-Za-z0-9_-]{22})"`)

// attempt reads the number of a fresh lead-in page.
func (w *world) attempt(t testing.TB) string {
	t.Helper()
	m := attemptField.FindSubmatch(w.get(t, "/c/counter-1", "").Body)
	if m == nil {
		t.Fatal("the page has no attempt")
	}
	return string(m[1])
}

func (w *world) collect(t testing.TB, attempt, amount, remark string, headers ...string) answer {
	t.Helper()
	form := url.Values{"attempt": {attempt}, "amount": {amount}, "remark": {remark}}.Encode()
	return w.post(t, "/c/counter-1", "", form, append([]string{asForm}, headers...)...)
}

func (w *world) orders(t testing.TB) []pay.OrderView {
	t.Helper()
	return decode[struct{ Data []pay.OrderView }](t, w.get(t, "/v1/orders?limit=100", ordersKey), 200).Data
}

// One attempt is one order, however often its form comes.
func TestCollectMakesOneOrderForOneAttempt(t *testing.T) {
	w := newWorld(t)
	attempt := w.attempt(t)
	first := w.collect(t, attempt, "1.5", "2 桌", ourOrigin)
	to := first.Header.Get("Location")
	if first.Status != http.StatusSeeOther || !regexp.MustCompile(`^/pay/[0-9A-Z]{26}#pay$`).MatchString(to) {
		t.Fatalf("%d to %q: %s", first.Status, to, first.Body)
	}
	if again := w.collect(t, attempt, "1.50", "2 桌", ourOrigin); again.Header.Get("Location") != to {
		t.Errorf("the same form led to %q and %q", to, again.Header.Get("Location"))
	}
	orders := w.orders(t)
	if len(orders) != 1 || orders[0].Amount != 150 || orders[0].Attach != "2 桌" || orders[0].CollectCode != "counter-1" || orders[0].UserID != "" {
		t.Errorf("orders %+v", orders)
	}
	if other := w.collect(t, attempt, "1.51", "2 桌", ourOrigin); other.Header.Get("Location") == to || other.Status != http.StatusSeeOther {
		t.Errorf("another amount: %d to %q", other.Status, other.Header.Get("Location"))
	}
	if another := w.collect(t, w.attempt(t), "1.5", "2 桌", ourOrigin); another.Header.Get("Location") == to {
		t.Error("two attempts are one order")
	}
}

func TestCollectRefusesWhatIsWrong(t *testing.T) {
	w := newWorld(t) // the code takes 10 to 1000 fen
	good := w.attempt(t)
	for name, a := range map[string]answer{
		"too little":           w.collect(t, good, "0.09", "", ourOrigin),
		"too much":             w.collect(t, good, "10.01", "", ourOrigin),
		"three decimals":       w.collect(t, good, "1.001", "", ourOrigin),
		"an exponent":          w.collect(t, good, "1e0", "", ourOrigin),
		"nothing":              w.collect(t, good, "", "", ourOrigin),
		"a long remark":        w.collect(t, good, "1", strings.Repeat("长", 61), ourOrigin),
		"a remark of controls": w.collect(t, good, "1", "a\x01b", ourOrigin),
		"no attempt":           w.collect(t, "", "1", "", ourOrigin),
		"an attempt of theirs": w.collect(t, "abc", "1", "", ourOrigin),
	} {
		if a.Status != 422 || !strings.Contains(string(a.Body), `class="hint fault"`) {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	for name, a := range map[string]answer{
		"another site":  w.collect(t, good, "1", "", "Origin: https://evil.example"),
		"a sister site": w.collect(t, good, "1", "", "Sec-Fetch-Site: same-site"),
		"no origin":     w.collect(t, good, "1", "", "Origin: null"),
	} {
		if a.Status != 403 {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	// A form of somebody in WeChat whose session has ended: the login is elsewhere, where no
	// form may lead.
	if a := w.collect(t, good, "1", "", ourOrigin, insideWeChat); a.Status != 403 || a.Header.Get("Location") != "" {
		t.Errorf("without a session: %d to %q", a.Status, a.Header.Get("Location"))
	}
	if orders := w.orders(t); len(orders) != 0 {
		t.Errorf("orders were made: %+v", orders)
	}
}

// Inside WeChat a visitor is logged in silently, then by consent when WeChat shows a
// snapshot, and never in a circle.
func TestPagesLogInInsideWeChat(t *testing.T) {
	w := newWorld(t)
	const door = "/v1/login/official-account"
	goTo := func(b *browser, path string) *url.URL {
		t.Helper()
		to, err := url.Parse(b.get(t, path, insideWeChat).Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		return to
	}
	b := w.browser()
	login := goTo(b, "/c/counter-1?amount=990&evil=1")
	if q := login.Query(); login.Path != door || login.Host != "" || q.Get("scope") != "snsapi_base" || q.Get("app_id") != "wx-oa" || q.Get("return_to") != "/c/counter-1?amount=990&login=base" {
		t.Fatalf("to %s", login)
	}
	state := wantRedirect(t, b.get(t, login.String())).Query().Get("state")
	back := b.returns(t, door, codeOf("snapshot"), state).Header.Get("Location")
	if back != "/c/counter-1?amount=990&login=base.snapshot_user" {
		t.Fatalf("a snapshot leads to %q", back)
	}
	login = goTo(b, back)
	if q := login.Query(); q.Get("scope") != "snsapi_userinfo" || q.Get("return_to") != "/c/counter-1?amount=990&login=full" {
		t.Fatalf("to %s", login)
	}
	state = wantRedirect(t, b.get(t, login.String())).Query().Get("state")
	back = b.returns(t, door, codeOf("alice"), state).Header.Get("Location")
	clean := b.get(t, back, insideWeChat)
	if to := clean.Header.Get("Location"); clean.Status != 302 || to != "/c/counter-1?amount=990" {
		t.Fatalf("logged in: %d to %q; the mark of the login must not be shared", clean.Status, to)
	}
	if a := b.get(t, clean.Header.Get("Location"), insideWeChat); a.Status != 200 || !bytes.Contains(a.Body, []byte("9.90")) {
		t.Fatalf("logged in: %d", a.Status)
	}
	for _, mark := range []string{"base", "full", "full.snapshot_user", "base.login_denied", "x", "base.unavailable"} {
		if a := w.browser().get(t, "/c/counter-1?login="+mark, insideWeChat); a.Status != 403 || a.Header.Get("Location") != "" {
			t.Errorf("%s: %d to %q", mark, a.Status, a.Header.Get("Location"))
		}
	}
	denied := w.browser()
	state = denied.begins(t, door, "wx-oa", "&return_to="+url.QueryEscape("/c/counter-1?login=base"))
	if to := denied.returns(t, door, "", state).Header.Get("Location"); to != "/c/counter-1?login=base.login_denied" {
		t.Errorf("who says no goes to %q", to)
	}
}

// The cashier of an order whose owner is somebody else says so, and nothing of the order.
func TestCashierIsForTheOwner(t *testing.T) {
	w := newWorld(t)
	owner := w.login(t, "alice")
	o := w.create(t, strings.Replace(orderBody, `"amount"`, `"user_id":"`+owner.User.ID+`","amount"`, 1))
	for _, path := range []string{"/pay/" + o.ID, "/pay/" + o.ID + "/state"} {
		if a := w.call(t, http.MethodGet, path, "", "", onPhone); a.Status != 403 || bytes.Contains(a.Body, []byte("tea")) || bytes.Contains(a.Body, []byte("9.90")) {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	wantProblem(t, w.post(t, "/pay/"+o.ID+"/prepay", "", "", onPhone, ourOrigin), 403, "not_your_order")
}

func TestPrepayOfAPage(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, orderBody)
	path := "/pay/" + o.ID + "/prepay"
	wantProblem(t, w.post(t, path, "", "", onPhone, "Origin: https://evil.example"), 403, "cross_origin")
	wantProblem(t, w.post(t, path, "", "", "User-Agent: AlipayClient/10", ourOrigin), 409, "scene_cannot_pay")
	wantProblem(t, w.post(t, path, "", "", insideWeChat, ourOrigin), 422, "payer_required")
	wantProblem(t, w.post(t, "/pay/"+strings.Repeat("0", 26)+"/prepay", "", "", onPhone, ourOrigin), 404, "order_not_found")
	if n := w.wechat.count("prepay"); n != 0 {
		t.Fatalf("WeChat was asked %d times", n)
	}
	got := decode[struct {
		QR struct {
			Size int
			Path string
		}
	}](t, w.post(t, path, "", "", ourOrigin), 200)
	if got.QR.Size < 29 || !regexp.MustCompile(`^[Mhvz0-9 -]+$`).MatchString(got.QR.Path) {
		t.Errorf("got %+v", got)
	}
	again := w.post(t, path, "", "", ourOrigin)
	if again.Status != 200 || w.wechat.count("prepay") != 1 {
		t.Errorf("asking twice opened %d payments", w.wechat.count("prepay"))
	}
	h5 := decode[struct {
		URL string `json:"h5_url"`
	}](t, w.post(t, path, "", "", onPhone, ourOrigin), 200)
	if _, back, _ := strings.Cut(h5.URL, "&redirect_url="); back != url.QueryEscape(publicURL+"/pay/"+o.ID+"?from=h5") {
		t.Errorf("WeChat leads back to %q", back)
	}
}

func TestVerifyFilesPostersAndStaticFiles(t *testing.T) {
	w := newWorld(t)
	if a := w.get(t, "/MP_verify_a.txt", ""); a.Status != 200 || string(a.Body) != "content" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := w.get(t, "/MP_verify_b.txt", ""); a.Status != 404 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	for path, want := range map[string]int{
		"/c/counter-1/poster.svg": 200, "/c/counter-1/poster.png": 200, "/c/counter-1/poster.svg?amount=990&caption=%E8%B0%A2": 200,
		"/c/counter-2/poster.svg": 404, "/c/counter-1/poster.png?amount=1": 422, "/c/counter-1/poster.png?amount=x": 422,
		"/c/counter-1/poster.svg?caption=" + strings.Repeat("a", 41): 422, "/c/counter-1/poster.svg?caption=a%0Ab": 422,
		"/static/h5.css": 404, "/static/js-config.js": 200, "/static/..%2Fdoc.go": 404,
	} {
		if a := w.get(t, path, ""); a.Status != want {
			t.Errorf("%s: %d, want %d", path, a.Status, want)
		}
	}
}
