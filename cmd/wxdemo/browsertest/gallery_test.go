package browsertest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"wxhub/model/sqlitestore"
	"wxhub/wx/sandbox"
)

// TestGallery renders every page in every state, in WXHUB_GALLERY if that names a
// directory, and checks what a picture cannot show: nothing is cut off at any width.
func TestGallery(t *testing.T) {
	s := newStage(t, "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=24h") // what has expired is not closed
	dir := galleryDir(t)
	states := s.everyState()
	dark, english := phone, small
	dark.name, dark.dark = "dark", true
	english.name, english.language = "320-en", "en"
	darkDesktop := desktop
	darkDesktop.name, darkDesktop.dark = "desktop-dark", true
	devices := []device{dark, english, desktop}
	if os.Getenv("WXHUB_GALLERY") != "" { // somebody looks at them
		devices = append(devices, phone, small, darkDesktop)
	}
	for _, d := range devices {
		b := s.open(d)
		for name, path := range states {
			b.visit(s.URL + path)
			b.until(`document.readyState === 'complete' && (!document.getElementById('qr') || !!document.querySelector('#qr path'))`)
			b.shoot(filepath.Join(dir, name+"."+d.name+".png"))
		}
	}
	for name, mark := range map[string]string{"alipay": " AlipayClient/10.7", "mini": " MicroMessenger/8.0 miniProgram/wx1"} {
		b := s.open(phone.as(name, iPhone+mark))
		b.visit(s.URL + states["cashier"])
		b.shoot(filepath.Join(dir, "cashier."+name+".png"))
	}
	b, hand := s.phoneIn(inside, s.user)
	hand.will(sandbox.PayCancel)
	b.visit(s.URL + "/pay/" + s.order(nil))
	b.tap("#pay")
	b.see("你已取消支付")
	b.shoot(filepath.Join(dir, "cancelled.wechat.png"))
	b.visit(s.URL + "/c/counter-1/poster.svg?amount=990&caption=" + "谢谢惠顾")
	b.shoot(filepath.Join(dir, "poster.svg.png"))
	stranger, err := s.Sandbox.CreateUser("Mo")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sandbox.Consent(sandbox.DefaultOfficialAccount, stranger.ID); err != nil {
		t.Fatal(err)
	}
	b, _ = s.phoneIn(inside, stranger)
	b.visit(s.URL + "/c/counter-1?login=base")
	b.shoot(filepath.Join(dir, "login-failed.wechat.png"))
	b.visit(s.URL + "/pay/" + s.orderOf(s.user))
	b.see("这不是你的订单")
	b.shoot(filepath.Join(dir, "not-yours.wechat.png"))
	s.fault(sandbox.Fault{Match: "/v3/pay/transactions/native", Kind: "system_error", Times: 100})
	far := s.open(desktop)
	far.visit(s.URL + "/pay/" + s.order(nil))
	far.see("暂时无法发起支付")
	far.shoot(filepath.Join(dir, "trouble.desktop.png"))
	writeGallery(t, dir)
}

// galleryDir is where the pictures go.
func galleryDir(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("WXHUB_GALLERY"); dir != "" {
		return dir
	}
	return t.TempDir()
}

// shoot takes a picture of the whole page, and fails when the page is wider than the screen.
func (b *tab) shoot(file string) {
	b.t.Helper()
	if over := ask[float64](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		b.t.Errorf("%s: %v px are cut off", file, over)
	}
	picture, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// everyState makes an order in each state that a page can have.
func (s *stage) everyState() map[string]string {
	s.t.Helper()
	paid := func() string {
		id := s.order(nil)
		var pre struct {
			Invoke struct {
				CodeURL string `json:"code_url"`
			}
		}
		s.api(http.MethodPost, "/v1/orders/"+id+"/prepay", map[string]string{"method": "native"}, &pre)
		if _, err := s.Sandbox.Pay(pre.Invoke.CodeURL, s.user.ID, sandbox.PaySuccess); err != nil {
			s.t.Fatal(err)
		}
		s.wait(id, "paid")
		return id
	}
	closed, refunded := s.order(nil), paid()
	s.api(http.MethodPost, "/v1/orders/"+closed+"/close", nil, nil)
	s.api(http.MethodPost, "/v1/orders/"+refunded+"/refunds", map[string]any{"amount": 990, "reason": "coffee was cold"}, nil)
	s.wait(refunded, "partially_refunded")
	return map[string]string{
		"lead-in": "/c/counter-1", "lead-in-fixed": "/c/counter-1?amount=12800", "lead-in-cafe": "/c/cafe",
		"cashier":   "/pay/" + s.order(map[string]any{"description": "明前狮峰龙井茶礼盒 2026 年春茶 250g 两罐装，附赠白瓷盖碗与竹制茶则"}),
		"returning": "/pay/" + s.order(nil) + "?from=h5", "paid": "/pay/" + paid(), "refunded": "/pay/" + refunded, "closed": "/pay/" + closed,
		"expired":   "/pay/" + s.expired(),
		"not-found": "/c/nothing", "not-found-order": "/pay/" + strings.Repeat("0", 26),
	}
}

// expired is an order whose time to pay is over. The shortest is a minute, so this one is made older.
func (s *stage) expired() string {
	s.t.Helper()
	id := s.order(nil)
	store, err := sqlitestore.Open(s.t.Context(), filepath.Join(s.dir, "wxhub.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = store.Close() }() // what it wrote is durable
	o, err := store.Order(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	o.ExpiresAt = time.Now().Add(-time.Minute)
	if err := store.ReplaceOrder(s.t.Context(), o); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// orderOf is an order that one user alone may pay.
func (s *stage) orderOf(u sandbox.User) string {
	s.t.Helper()
	code, err := s.Sandbox.LoginCode(sandbox.DefaultMiniProgram, u.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	var session struct{ User struct{ ID string } }
	s.api(http.MethodPost, "/v1/login/mini-program", map[string]string{"app_id": sandbox.DefaultMiniProgram, "code": code}, &session)
	return s.order(map[string]any{"user_id": session.User.ID})
}

func (s *stage) wait(id, status string) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; {
		got, _ := s.told(id)
		if got == status {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("order %s is %s, not %s", id, got, status)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
