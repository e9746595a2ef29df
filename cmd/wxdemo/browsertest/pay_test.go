package browsertest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"wxhub/wx/sandbox"
)

// key taps keys of the number pad.
func (b *tab) keys(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.tap(`[data-key="` + k + `"]`)
	}
}

func (s *stage) orderAt(b *tab) string {
	s.t.Helper()
	return strings.TrimPrefix(b.path(), "/pay/")
}

func TestInsideWeChatFromTheCodeToPaid(t *testing.T) {
	s := newStage(t)
	b, hand := s.phoneIn(inside, s.user)
	b.visit(s.URL + "/c/counter-1")
	b.see("山茶花茶馆", "付款金额")
	if got := b.path(); got != "/c/counter-1" {
		t.Fatalf("logged in, and then at %s", got)
	}
	b.keys("0", "0", "1", ".", "2", "del", "5", "0", "7") // two decimals at most
	if got := ask[string](b, `document.getElementById('amount').value`); got != "1.50" {
		t.Errorf("the pad has typed %q", got)
	}
	b.tap(".key-pay")
	b.see("支付成功", "¥1.50", "山茶花茶馆")
	id := s.orderAt(b)
	if status, amount := s.told(id); status != "paid" || amount != 150 || hand.count() != 1 {
		t.Errorf("order %s of %d fen, the payer was asked %d times", status, amount, hand.count())
	}
	b.tap("#leave")
	if got := ask[string](b, `window.called`); got != "closeWindow" {
		t.Errorf("the button calls %q", got)
	}

	// Back, and back again: the page begins anew, and nothing is charged.
	ask[bool](b, `(history.back(), true)`)
	b.see("付款金额")
	b.visit(s.URL + "/pay/" + id + "#pay")
	b.see("支付成功")
	if n := len(s.Sandbox.Orders()); n != 1 || hand.count() != 1 {
		t.Errorf("%d orders at WeChat, the payer was asked %d times", n, hand.count())
	}
}

func TestTheClientsOKIsNoSuccess(t *testing.T) {
	s := newStage(t)
	b, hand := s.phoneIn(inside, s.user)
	hand.will(lie)
	id := s.order(nil)
	b.visit(s.URL + "/pay/" + id)
	b.see("待支付", "¥19.90", "龙井茶 100g")
	b.tap("#pay")
	b.see("正在确认支付结果")
	looks := func() (n int) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, r := range b.requests {
			if strings.Contains(r.URL, "/state?ask=1") {
				n++
			}
		}
		return n
	}
	for looks() < 3 { // it has asked, and been told the truth
		b.until(`document.getElementById('status').textContent.length > 0`)
	}
	if text := ask[string](b, `document.body.innerText`); strings.Contains(text, "支付成功") {
		t.Error("the page claims success")
	}
	hand.will(sandbox.PaySuccess)
	b.tap("#pay")
	b.see("支付成功")
}

func TestCancelAndNotEnough(t *testing.T) {
	s := newStage(t)
	b, hand := s.phoneIn(inside, s.user)
	id := s.order(nil)
	b.visit(s.URL + "/pay/" + id)
	hand.will(sandbox.PayCancel)
	b.tap("#pay")
	b.see("你已取消支付")
	hand.will(sandbox.PayNotEnough)
	b.tap("#pay")
	b.see("支付没有完成")
	if status, _ := s.told(id); status != "pending" {
		t.Errorf("the order is %s", status)
	}
	hand.will(sandbox.PaySuccess)
	b.tap("#pay")
	b.see("支付成功")
	if n := len(s.Sandbox.Orders()); n != 1 {
		t.Errorf("%d payments were opened", n)
	}
}

// A WeChat that never calls back: the button does nothing for twenty seconds, and then the
// payer can try again.
func TestAClientThatNeverAnswers(t *testing.T) {
	s := newStage(t)
	b, hand := s.phoneIn(inside, s.user)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		window.patience = [];
		window.setTimeout = (function (real) { return function (f, ms) {
			if (ms === 20000) { window.patience.push(f); }
			return real(f, ms);
		}; }(window.setTimeout));`})
	hand.will(silence)
	b.visit(s.URL + "/pay/" + s.order(nil))
	b.tap("#pay")
	for hand.count() < 1 {
		b.until(`document.getElementById('pay').className === 'button busy'`)
	}
	hand.will(sandbox.PaySuccess)
	ask[bool](b, `(document.getElementById('pay').click(), true)`)
	if busy := ask[bool](b, `document.getElementById('pay').className === 'button busy'`); !busy || hand.count() != 1 {
		t.Errorf("busy: %v, and the payer was asked %d times", busy, hand.count())
	}
	ask[bool](b, `(window.patience.pop()(), true)`) // the twenty seconds are over
	b.tap("#pay")
	b.see("支付成功")
	if n := len(s.Sandbox.Orders()); n != 1 || hand.count() != 2 {
		t.Errorf("%d payments at WeChat, the payer was asked %d times", n, hand.count())
	}
}

// Every notification is lost, and the page still ends right.
func TestALostNotification(t *testing.T) {
	s := newStage(t, "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=24h")
	s.fault(sandbox.Fault{Match: "notify", Kind: "drop", Times: 1000})
	b, _ := s.phoneIn(inside, s.user)
	b.visit(s.URL + "/pay/" + s.order(nil))
	b.tap("#pay")
	b.see("支付成功")
}

// Taps that come at once make one order and one charge.
func TestDoubleTap(t *testing.T) {
	s := newStage(t)
	b, hand := s.phoneIn(inside, s.user)
	b.visit(s.URL + "/c/counter-1")
	b.keys("8")
	ask[bool](b, `(function () { var p = document.querySelector('.key-pay'); p.click(); p.click(); p.click(); return true; }())`)
	b.see("支付成功", "¥8.00")
	other := s.order(nil)
	b.visit(s.URL + "/pay/" + other)
	b.see("待支付")
	ask[bool](b, `(function () { var p = document.getElementById('pay'); p.click(); p.click(); return true; }())`)
	b.see("支付成功")
	if n := len(s.Sandbox.Orders()); n != 2 || hand.count() != 2 {
		t.Errorf("%d payments at WeChat, the payer was asked %d times", n, hand.count())
	}
}

func TestH5PaymentSendsTheReferer(t *testing.T) {
	s := newStage(t)
	b := s.open(phone)
	b.visit(s.URL + "/c/counter-1")
	b.keys("2", "0")
	b.tap(".key-pay")
	b.until(`!!document.getElementById('open') && !document.getElementById('open').hidden`)
	id := s.orderAt(b)
	b.tap("#open")
	b.see("wxsandbox only", "¥20.00") // the page has taken the Referer, or it would show an error
	b.mu.Lock()
	referers := slices.Clone(b.headers["Referer"])
	b.mu.Unlock()
	if got := referers[len(referers)-1]; got != s.URL+"/" {
		t.Errorf("Referer %q, want the origin alone", got)
	}
	b.tap("form button")
	b.see("支付成功", "¥20.00")
	if got := b.path(); got != "/pay/"+id {
		t.Errorf("back at %s", got)
	}
}

func TestH5PaymentThatIsCancelledCanBeTriedAgain(t *testing.T) {
	s := newStage(t)
	b := s.open(phone)
	id := s.order(nil)
	b.visit(s.URL + "/pay/" + id)
	b.tap("#pay")
	b.see("wxsandbox only")
	b.tap("form button.plain")
	b.see("待支付", "我已完成支付")
	b.tap("#pay")
	b.see("wxsandbox only")
	b.tap("form button")
	b.see("支付成功")
}

func TestNativeQROnADesktop(t *testing.T) {
	s := newStage(t)
	b := s.open(desktop)
	b.visit(s.URL + "/c/counter-1")
	b.run(chromedp.SendKeys(chromedp.CSS("#amount"), "12.345abc"))
	if got := ask[string](b, `document.getElementById('amount').value`); got != "12.34" {
		t.Errorf("typed %q", got)
	}
	b.tap(".key-pay")
	b.until(`!!document.querySelector('#qr path')`)
	orders := s.Sandbox.Orders()
	if len(orders) != 1 || orders[0].Total != 1234 {
		t.Fatalf("at WeChat: %+v", orders)
	}
	s.scan(b)
	b.see("支付成功", "¥12.34")
}

func TestAnOrderThatIsClosedMeanwhile(t *testing.T) {
	s := newStage(t)
	b := s.open(desktop)
	id := s.order(nil)
	b.visit(s.URL + "/pay/" + id)
	b.until(`!!document.querySelector('#qr path')`)
	s.api(http.MethodPost, "/v1/orders/"+id+"/close", nil, nil)
	b.see("订单已关闭")
}

func TestSomebodyElsesOrder(t *testing.T) {
	s := newStage(t)
	owner, _ := s.phoneIn(inside, s.user)
	owner.visit(s.URL + "/c/counter-1")
	owner.keys("5")
	owner.tap(".key-pay")
	owner.see("支付成功")
	other, err := s.Sandbox.CreateUser("Mo")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sandbox.Consent(sandbox.DefaultOfficialAccount, other.ID); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*tab{"another phone": first(s.phoneIn(inside, other)), "a desktop": s.open(desktop)} {
		b.visit(s.URL + owner.path())
		b.see("这不是你的订单")
		if text := ask[string](b, `document.body.innerText`); strings.Contains(text, "山茶花") || strings.Contains(text, "5.00") {
			t.Errorf("%s sees %s", name, text)
		}
	}
}

func first(b *tab, _ *hand) *tab { return b }

// Who logged in through the mini-program is the same person on a page, once they agreed to
// tell who they are.
func TestAnOrderFromTheMiniProgramIsTheirsOnAPage(t *testing.T) {
	s := newStage(t)
	id := s.orderOf(s.user)
	b, _ := s.phoneIn(inside, s.user)
	b.visit(s.URL + "/pay/" + id)
	b.until(`location.pathname === '/connect/oauth2/authorize'`)
	b.tap(`button[value=allow]`)
	b.see("待支付", "¥19.90")
	b.tap("#pay")
	b.see("支付成功")
}

// A browser that keeps no cookies is told so, and does not go round in circles.
func TestNoCookiesNoCircle(t *testing.T) {
	s := newStage(t)
	b, _ := s.phoneIn(inside, s.user)
	b.visit(s.URL + "/c/counter-1?login=base")
	b.see("无法确认你的身份")
	if to := ask[string](b, `document.querySelector('a.button').getAttribute('href')`); to != "/c/counter-1" {
		t.Errorf("try again leads to %s", to)
	}
	b.tap("a.button")
	b.see("付款金额")
}

func TestOtherApps(t *testing.T) {
	s := newStage(t)
	for name, c := range map[string]struct{ mark, word string }{
		"alipay":   {" AlipayClient/10.7", "支付宝"},
		"unionpay": {" (UnionPay/1.0 CloudPay)", "云闪付"},
		"wecom":    {" wxwork/4.1 MicroMessenger/7.0", "企业微信"},
	} {
		b := s.open(phone.as(name, iPhone+c.mark))
		b.visit(s.URL + "/c/counter-1?amount=990")
		b.see("请使用微信付款", c.word, "/c/counter-1?amount=990")
	}
	b := s.open(phone.as("mini", weChat+" miniProgram/"+sandbox.DefaultMiniProgram))
	b.visit(s.URL + "/pay/" + s.order(nil))
	b.see("请在小程序中完成支付", "¥19.90")
}

func TestLanguageAndHostileTexts(t *testing.T) {
	s := newStage(t)
	d := phone
	d.language = "en-GB"
	b := s.open(d)
	b.visit(s.URL + "/c/cafe?amount=" + url.QueryEscape(`"><script>alert(1)</script>`))
	b.see("Amount", "Café <b>&amp; Söhne</b>", "From ¥1.00 to ¥20.00")
	b.keys("9", "9")
	b.tap(".key-pay")
	b.until(`document.getElementById('hint').className.indexOf('fault') > 0`)
	if got := b.path(); got != "/c/cafe" {
		t.Errorf("an amount that is too large leads to %s", got)
	}
	b.visit(s.URL + "/pay/" + s.order(map[string]any{"description": `<img src=x onerror=alert(1)>'"`}))
	b.see(`<img src=x onerror=alert(1)>'"`)
}

// A payment that cannot be opened is tried again when the payer says so, and not by itself.
func TestAPaymentThatCannotBeOpened(t *testing.T) {
	s := newStage(t)
	s.fault(sandbox.Fault{Match: "/v3/pay/transactions/native", Kind: "system_error", Times: 100})
	b := s.open(desktop)
	b.visit(s.URL + "/pay/" + s.order(nil))
	b.see("暂时无法发起支付", "重试")
	asked := func() (n int) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, r := range b.requests {
			if strings.HasSuffix(r.URL, "/prepay") {
				n++
			}
		}
		return n
	}
	if n := asked(); n != 1 {
		t.Errorf("the page asked %d times by itself", n)
	}
	s.Sandbox.ClearFaults()
	b.tap("#retry")
	b.until(`!!document.querySelector('#qr path')`)
	s.scan(b)
	b.see("支付成功")
}
