package sandbox_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

// phoneText is what the phone shows when it refuses.
func phoneText(err error) string {
	var phone *sandbox.PhoneError
	if errors.As(err, &phone) {
		return phone.Text
	}
	return ""
}

func (s *stage) user(name string) sandbox.User {
	s.t.Helper()
	u, err := s.platform.CreateUser(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

func TestTheFirstScannerOfAQRCodeIsThePayer(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 204)
	second, number := s.user("payer-2"), s.number()
	code := s.placed("native", false, number, set("notify_url", r.url))
	if !strings.HasPrefix(code, "weixin://wxpay/bizpayurl?pr=") {
		t.Fatal(code)
	}
	if _, err := s.platform.Pay(code, s.payer.ID, sandbox.PayCancel); err != nil {
		t.Fatal(err)
	}
	if _, err := s.platform.Pay(code, second.ID, sandbox.PaySuccess); phoneText(err) != "商家订单信息有误" {
		t.Errorf("the second scanner: %v", err)
	}
	newer := s.placed("native", false, number, set("notify_url", r.url))
	if _, err := s.platform.Pay(code, s.payer.ID, sandbox.PaySuccess); phoneText(err) != "二维码已失效，请重新扫码" {
		t.Errorf("the older code: %v", err)
	}
	s.pay(newer)
	n := s.mustOpen(r.wait(t, 1)[0])
	if n.plain.Payer.OpenID != s.payer.OpenIDs[sandbox.DefaultMiniProgram] || n.plain.OutTradeNo != number {
		t.Errorf("%+v", n.plain)
	}
	if answer := s.query(number); answer.field("trade_type") != "NATIVE" || answer.field("trade_state") != "SUCCESS" {
		t.Errorf("%s", answer.body)
	}
}

func TestAnybodyPaysAnAppOrderOnce(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	second, number := s.user("payer-2"), s.number()
	id := s.placed("app", false, number)
	payment, err := s.platform.Pay(id, second.Name, sandbox.PaySuccess)
	if err != nil || payment.ErrMsg != "errCode:0" {
		t.Fatalf("%+v %v", payment, err)
	}
	if _, err := s.platform.Pay(id, s.payer.ID, sandbox.PaySuccess); phoneText(err) != "商家订单信息有误" {
		t.Errorf("%v", err)
	}
	if o, _ := s.platform.Order(s.merchant.ID, number); o.OpenID != second.OpenIDs[sandbox.DefaultMobileApp] || o.TradeType != "APP" {
		t.Errorf("%+v", o)
	}
}

func (s *stage) appInvocation(prepayID string) sandbox.AppInvocation {
	s.t.Helper()
	inv := sandbox.AppInvocation{
		AppID: sandbox.DefaultMobileApp, PartnerID: s.merchant.ID, PrepayID: prepayID, Package: "Sign=WXPay", NonceStr: "n", TimeStamp: "1554208460",
	}
	sign, err := apiv3.Sign(s.key, apiv3.InvokeMessage(inv.AppID, inv.TimeStamp, inv.NonceStr, inv.PrepayID))
	if err != nil {
		s.t.Fatal(err)
	}
	inv.Sign = sign
	return inv
}

func TestPhoneVerifiesTheSignOfAnApp(t *testing.T) {
	for i, partner := range []bool{false, true} {
		s := newStageFor(t, sandbox.Options{}, 2*i)
		id := s.placed("app", partner, s.number())
		for name, edit := range map[string]func(*sandbox.AppInvocation){
			"no package":                func(i *sandbox.AppInvocation) { i.Package = "prepay_id=" + id },
			"no app":                    func(i *sandbox.AppInvocation) { i.AppID = "" },
			"other app":                 func(i *sandbox.AppInvocation) { i.AppID = sandbox.DefaultMiniProgram },
			"other merchant":            func(i *sandbox.AppInvocation) { i.PartnerID = sandbox.DefaultSecondMerchant },
			"other nonce":               func(i *sandbox.AppInvocation) { i.NonceStr = "m" },
			"signed as a page's":        func(i *sandbox.AppInvocation) { i.Sign = s.invocation(id).PaySign },
			"prepay_id of another kind": func(i *sandbox.AppInvocation) { *i = s.appInvocation(s.placed("jsapi", partner, s.number())) },
		} {
			inv := s.appInvocation(id)
			edit(&inv)
			if _, err := s.platform.CheckAppInvocation(inv); phoneText(err) != "支付验证签名失败" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got, err := s.platform.CheckAppInvocation(s.appInvocation(id)); err != nil || got != id {
			t.Errorf("%q %v", got, err)
		}
		if _, err := s.platform.CheckAppInvocation(s.appInvocation("wx0")); !errors.Is(err, sandbox.ErrNoPrepay) {
			t.Errorf("%v", err)
		}
		if _, err := s.platform.CheckInvocation(s.invocation(id)); phoneText(err) == "" {
			t.Errorf("an app's prepay_id passes for a page's: %v", err)
		}
	}
}

func TestWhichMerchantAnAppNamesIsConfigurable(t *testing.T) {
	for wanted, good := range map[string][]string{
		sandbox.PartnerIDSp: {sandbox.DefaultPartner}, sandbox.PartnerIDSub: {sandbox.DefaultSubMerchant},
		sandbox.PartnerIDEither: {sandbox.DefaultPartner, sandbox.DefaultSubMerchant},
	} {
		b := sandbox.DefaultBehaviour()
		b.AppPartnerID = wanted
		s := newPartnerStage(t, sandbox.Options{Behaviour: &b})
		passed := 0
		for _, id := range []string{sandbox.DefaultPartner, sandbox.DefaultSubMerchant} {
			inv := s.appInvocation(s.placed("app", true, s.number()))
			inv.PartnerID = id
			if _, err := s.platform.CheckAppInvocation(inv); err == nil {
				passed++
			}
		}
		if passed != len(good) {
			t.Errorf("%s: %d pass", wanted, passed)
		}
	}
}

func TestEitherAppOfAServiceProvidersOrderInvokes(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	id := s.placed("jsapi", true, s.number(), set("sub_appid", sandbox.DefaultSubMini),
		set("payer", map[string]any{"sub_openid": s.payer.OpenIDs[sandbox.DefaultSubMini]}))
	for app, good := range map[string]bool{sandbox.DefaultSubMini: true, sandbox.DefaultPartnerAccount: true, sandbox.DefaultMiniProgram: false} {
		inv := sandbox.Invocation{AppID: app, TimeStamp: "1", NonceStr: "n", Package: "prepay_id=" + id, SignType: "RSA"}
		sign, err := apiv3.Sign(s.key, apiv3.InvokeMessage(app, inv.TimeStamp, inv.NonceStr, inv.Package))
		if err != nil {
			t.Fatal(err)
		}
		inv.PaySign = sign
		for _, given := range []string{app, ""} { // a mini-program names none
			inv.AppID = given
			if _, err := s.platform.CheckInvocation(inv); (err == nil) != good {
				t.Errorf("%s as %q: %v", app, given, err)
			}
		}
	}
	if _, err := s.platform.Pay(id, s.user("payer-2").ID, sandbox.PaySuccess); phoneText(err) != "下单账号与支付账号不一致" {
		t.Errorf("%v", err)
	}
	s.pay(id)
}

func TestControlPaysInEveryWay(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	native, h5 := s.placed("native", false, s.number()), s.placed("h5", false, s.number())
	for _, body := range []string{
		`{"code_url":"` + native + `","user":"payer-1"}`,
		`{"h5_url":"` + strings.ReplaceAll(h5, "&", `\u0026`) + `&redirect_url=https%3A%2F%2Fshop.example.com","user":"payer-1"}`,
		`{"app_invoke":` + string(mustJSON(t, s.appInvocation(s.placed("app", false, s.number())))) + `,"user":"payer-1"}`,
	} {
		if answer := s.control(http.MethodPost, "/pay", body); answer.status != 200 || answer.field("transaction_id") == "" {
			t.Errorf("%s: %d %s", body, answer.status, answer.body)
		}
	}
}

// The service provider's account cannot open an app payment, the sub merchant's mobile app can.
func TestASubMerchantsMobileAppInvokes(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	id := s.placed("app", true, s.number(), set("sp_appid", sandbox.DefaultPartnerAccount), set("sub_appid", sandbox.DefaultSubMobile))
	inv := s.appInvocation(id)
	if _, err := s.platform.CheckAppInvocation(inv); phoneText(err) == "" {
		t.Errorf("an app that is not the order's: %v", err)
	}
	inv.AppID = sandbox.DefaultSubMobile
	sign, err := apiv3.Sign(s.key, apiv3.InvokeMessage(inv.AppID, inv.TimeStamp, inv.NonceStr, inv.PrepayID))
	if err != nil {
		t.Fatal(err)
	}
	inv.Sign = sign
	if got, err := s.platform.CheckAppInvocation(inv); err != nil || got != id {
		t.Errorf("%q %v", got, err)
	}
}
