package browsertest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// From the menu of the official account to paid, and back: on the sandbox's phone, with
// nothing of ours in between.
func TestPhoneFromTheMenuToPaid(t *testing.T) {
	s := newStage(t)
	s.account()
	h := s.handset(s.user, desktop)
	h.on(`[data-account="` + sandbox.DefaultOfficialAccount + `"]`)
	h.on(`#follow`)
	h.on(`[data-menu="更多"]`)
	h.on(`[data-menu="你好"]`)
	h.see("CLICK hello", "已推送")
	h.on(`[data-menu="付款"]`)
	h.reads("山茶花茶馆", "付款金额")
	if agent := asked[string](h, `navigator.userAgent`); !strings.Contains(agent, "MicroMessenger") {
		t.Errorf("the page sees %s", agent)
	}
	h.touch(`[data-key="8"]`)
	h.touch(`.key-pay`)
	h.see("付款给 Corner shop", "¥8.00")
	h.pays()
	h.reads("支付成功", "¥8.00")
	id := strings.TrimPrefix(asked[string](h, `location.pathname`), "/pay/")
	if status, amount := s.told(id); status != "paid" || amount != 800 {
		t.Errorf("the server says %s, %d fen", status, amount)
	}

	h.on(`#view-back`) // after paying: the page begins anew, and nothing is charged
	h.reads("付款金额")
	h.on(`#view-back`) // and out of the view
	h.until(`!document.querySelector('iframe')`)
	h.see("VIEW ")
	h.on(`.bar-back`)
	h.see("支付成功 ¥8.00")
	h.until(`document.querySelector('#entries').innerText.indexOf('TRANSACTION.SUCCESS') >= 0`)
	if n := len(s.Sandbox.Orders()); n != 1 {
		t.Errorf("%d orders at WeChat", n)
	}
}

func TestPhoneCancelThenNotEnoughThenPaid(t *testing.T) {
	s := newStage(t)
	h := s.handset(s.user, desktop)
	id := s.order(nil)
	h.opens(s.URL+"/pay/"+id, "open")
	h.reads("待支付", "¥19.90")
	h.touch(`#pay`)
	h.on(`#sheet-cancel`)
	h.reads("你已取消支付")
	h.touch(`#pay`)
	h.on(`[value=not_enough]`)
	h.on(`#sheet-confirm`)
	h.see("余额不足")
	h.on(`#notice-ok`)
	h.reads("支付没有完成")
	if status, _ := s.told(id); status != "pending" {
		t.Errorf("the order is %s", status)
	}
	h.touch(`#pay`)
	h.pays()
	h.reads("支付成功")
	if n := len(s.Sandbox.Orders()); n != 1 {
		t.Errorf("%d payments were opened", n)
	}
	h.touch(`#leave`)
	h.until(`!document.querySelector('iframe')`)
}

// Taps that come at once make one order and one charge, and one sheet.
func TestPhoneDoubleTap(t *testing.T) {
	s := newStage(t)
	h := s.handset(s.user, desktop)
	h.opens(s.URL+"/c/counter-1", "open")
	h.touch(`[data-key="5"]`)
	asked[bool](h, `(function () { var p = document.querySelector('.key-pay'); p.click(); p.click(); p.click(); return true; }())`)
	h.until(`document.querySelectorAll('#sheet-confirm').length === 1`)
	ask[bool](h.tab, `(function () { var c = document.getElementById('sheet-confirm'); c.click(); c.click(); return true; }())`)
	h.on(`#sheet-done`)
	h.reads("支付成功", "¥5.00")
	if n, paid := len(s.Sandbox.Orders()), len(s.Sandbox.Ledger().Payments); n != 1 || paid != 1 {
		t.Errorf("%d orders and %d charges at WeChat", n, paid)
	}
}

// A code at the counter is scanned, and the code on a desktop's screen.
func TestPhoneScans(t *testing.T) {
	s := newStage(t)
	h := s.handset(s.user, desktop)
	h.on(`[data-tab=discover]`)
	h.on(`[data-go=scan]`)
	h.until(`!!document.getElementById('scanned')`)
	ask[bool](h.tab, `(document.getElementById('scanned').value = '`+s.URL+`/c/counter-1?amount=990', true)`)
	h.on(`.scan button`)
	h.reads("金额由商家设定")
	h.touch(`.key-pay`)
	h.pays()
	h.reads("支付成功", "¥9.90")
	h.on(`#view-close`)

	screen := s.open(desktop)
	screen.visit(s.URL + "/pay/" + s.order(nil))
	screen.until(`!!document.querySelector('#qr path')`)
	h.on(`[data-go=scan]`)
	h.on(`[data-go^="weixin://wxpay/"]`)
	h.see("付款给 Corner shop", "¥19.90")
	h.pays()
	screen.see("支付成功", "¥19.90")
}

// In the phone's browser an H5 payment opens WeChat and comes back. WeChat is told which
// site the payer comes from, by the browser itself.
func TestPhoneH5(t *testing.T) {
	s := newStage(t)
	h := s.handset(s.user, desktop)
	h.opens(s.URL+"/pay/"+s.order(nil), "browser")
	h.reads("待支付")
	view := asked[string](h, `location.origin`)
	if agent := asked[string](h, `navigator.userAgent`); strings.Contains(agent, "MicroMessenger") {
		t.Errorf("the page sees %s", agent)
	}
	h.touch(`#pay`)
	h.on(`#sheet-cancel`)
	h.reads("待支付", "我已完成支付")
	h.touch(`#pay`)
	h.see("付款给 Corner shop", "¥19.90")
	h.mu.Lock()
	referers := slices.Clone(h.headers["Referer"])
	h.mu.Unlock()
	if !slices.Contains(referers, view+"/") {
		t.Errorf("no request with the Referer %s/: %q", view, referers)
	}
	h.pays()
	h.reads("支付成功", "¥19.90")
}

// An H5 page that is not told where the payer comes from refuses.
func TestPhoneH5WithoutReferer(t *testing.T) {
	s := newStage(t)
	h := s.handset(s.user, desktop)
	var pre struct {
		Invoke struct {
			H5URL string `json:"h5_url"`
		}
	}
	s.api(http.MethodPost, "/v1/orders/"+s.order(nil)+"/prepay", map[string]string{"method": "h5", "client_ip": "203.0.113.7"}, &pre)
	h.opens(pre.Invoke.H5URL, "browser")
	h.reads("商家参数格式有误")
	if open := ask[bool](h.tab, `!!document.querySelector('.sheet')`); open {
		t.Error("WeChat opens")
	}
}

// The order ends while the payer looks at the sheet.
func TestPhoneExpiredOrder(t *testing.T) {
	s := newStage(t)
	h := s.handset(s.user, desktop)
	id := s.order(nil)
	h.opens(s.URL+"/pay/"+id, "open")
	h.reads("待支付")
	h.touch(`#pay`)
	h.until(`!!document.getElementById('sheet-confirm')`)
	if _, err := s.Sandbox.AdvanceClock(3 * time.Hour); err != nil {
		t.Fatal(err)
	}
	h.on(`#sheet-confirm`)
	h.see("该订单已失效")
	h.on(`#notice-ok`)
	h.reads("支付没有完成")
	if status, _ := s.told(id); status != "pending" || strings.Contains(h.pageText(), "支付成功") {
		t.Errorf("the order is %s, the page says %s", status, h.pageText())
	}
}

// The phone says paid, and nobody tells the server: no notification comes, and WeChat Pay
// cannot be asked. Until the server knows, the page claims nothing.
func TestPhoneNoSuccessBeforeTheServerKnows(t *testing.T) {
	for name, lost := range map[string]sandbox.Fault{
		"dropped": {Match: "notify", Kind: "drop", Times: 1000}, "delayed": {Match: "notify", Kind: "delay", Times: 1, Delay: 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=24h")
			s.fault(lost)
			s.fault(sandbox.Fault{Match: "/v3/pay/transactions/out-trade-no/", Kind: "system_error", Times: 1000})
			h := s.handset(s.user, desktop)
			id := s.order(nil)
			h.opens(s.URL+"/pay/"+id, "open")
			h.reads("待支付")
			h.touch(`#pay`)
			h.pays()
			h.reads("正在确认支付结果")
			looks := func() (n int) {
				h.mu.Lock()
				defer h.mu.Unlock()
				for _, r := range h.requests {
					if strings.Contains(r.URL, "/state") {
						n++
					}
				}
				return n
			}
			for from := looks(); looks() < from+2; {
				if text := h.pageText(); strings.Contains(text, "支付成功") {
					if status, _ := s.told(id); status != "paid" {
						t.Fatalf("the page claims success, the order is %s", status)
					}
					break
				}
			}
			if name == "dropped" {
				if status, _ := s.told(id); status != "pending" {
					t.Errorf("the order is %s", status)
				}
				s.Sandbox.ClearFaults()
			}
			h.reads("支付成功")
			if status, _ := s.told(id); status != "paid" {
				t.Errorf("the order is %s", status)
			}
		})
	}
}

// The example mini-program: from wx.login to paid.
func TestPhoneMiniProgram(t *testing.T) {
	s := newStage(t)
	h := s.handset(s.user, desktop)
	h.on(`[data-tab=discover]`)
	h.on(`[data-go=` + sandbox.DefaultMiniProgram + `]`)
	h.on(`#mini-buy`)
	h.see("付款给 Corner shop", "¥19.90")
	h.on(`#sheet-cancel`)
	h.see("已取消")
	h.on(`#mini-buy`)
	h.pays()
	h.until(`document.querySelectorAll('#mini-steps .good').length === 6`)
	if text := ask[string](h.tab, `document.querySelector('[data-step=state] .step-result').textContent`); text != "paid" {
		t.Errorf("the server says %s", text)
	}
}
