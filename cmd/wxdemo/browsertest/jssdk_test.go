package browsertest

import (
	"crypto/sha1" //nolint:gosec // WeChat signs pages with it
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"wxhub/wx/sandbox"
)

// shopPage is a page of somebody else's that uses the JS-SDK under a policy with a nonce.
const shopPage = `<!DOCTYPE html><html><head><title>Shop</title><script nonce="n1" src="https://res.wx.qq.com/open/js/jweixin-1.6.0.js"></script></head>
<body><p id="out"></p><p id="paid"></p><a id="next" href="%[4]s" target="_blank">next</a><script nonce="n1">
wx.config({appId: '%[1]s', timestamp: 1700000000, nonceStr: 'n', signature: '%[2]s', jsApiList: ['%[3]s']});
wx.error(function (e) { document.getElementById('out').textContent = 'error ' + e.errMsg; });
wx.ready(function () {
  document.getElementById('out').textContent += ' ready';
  wx.chooseWXPay({timestamp: 1, nonceStr: 'n', package: 'prepay_id=wx1', signType: 'RSA', paySign: 'x',
    success: function () { document.getElementById('paid').textContent = 'paid'; }, fail: function (e) { document.getElementById('paid').textContent = e.errMsg; }});
});
</script></body></html>`

// A page of another server in the phone: wx.config is verified, a payment without a good
// signature is refused, and its links stay in the phone.
func TestPhoneJSSDK(t *testing.T) {
	s := newStage(t)
	var ticket struct{ Ticket string }
	s.api(http.MethodGet, "/v1/wxapi/"+sandbox.DefaultOfficialAccount+"/cgi-bin/ticket/getticket?type=jsapi", nil, &ticket)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum := sha1.Sum([]byte("jsapi_ticket=" + ticket.Ticket + "&noncestr=n&timestamp=1700000000&url=http://" + r.Host + r.URL.RequestURI())) //nolint:gosec // the same
		signature := hex.EncodeToString(sum[:])
		if r.URL.Path == "/bad" {
			signature = hex.EncodeToString(sum[1:]) + "00"
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-n1' 'strict-dynamic'; frame-ancestors 'none'")
		_, _ = fmt.Fprintf(w, shopPage, sandbox.DefaultOfficialAccount, signature, r.URL.Query().Get("api"), s.URL+"/c/counter-1")
	}))
	defer shop.Close()
	h := s.handset(s.user, desktop)
	for _, c := range []struct{ path, out, paid string }{
		{"/good?api=chooseWXPay&x=" + url.QueryEscape("茶"), " ready", "chooseWXPay:fail"},
		{"/good?api=closeWindow", " ready", "chooseWXPay:permission denied"},
		{"/bad?api=chooseWXPay", "error config:invalid signature ready", "chooseWXPay:permission denied"},
	} {
		h.opens(shop.URL+c.path, "open")
		if c.paid == "chooseWXPay:fail" {
			h.see("无法支付") // the phone does not know the prepay_id
			h.on(`#notice-ok`)
		}
		h.pageUntil(fmt.Sprintf(`document.getElementById('paid').textContent === %q`, c.paid))
		if out := asked[string](h, `document.getElementById('out').textContent`); out != c.out {
			t.Errorf("%s: %q", c.path, out)
		}
		h.on(`#view-close`)
	}
	h.opens(shop.URL+"/good?api=x", "open")
	h.touch(`#next`)
	h.reads("山茶花茶馆", "付款金额")
	h.on(`#view-back`)
	h.pageUntil(`document.title === 'Shop'`)
}
