package wxpay

import (
	"errors"
	"testing"

	"wxhub/wx"
)

const prepay = "wx201410272009395522657a690389285100"

// The signatures cover these four lines and no others (PROTOCOL §3): JSAPI with the package,
// App with the bare prepay_id. The signing key is always the merchant's own, a service
// provider's for its sub merchants too.
func TestInvocations(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
	public := &keys().merchant.PublicKey
	for _, merchant := range []string{directID, providerID} {
		in, err := g.Invoke(merchant, "wxB", prepay)
		if err != nil || in.AppID != "wxB" || in.TimeStamp != "1772366400" || in.Package != "prepay_id="+prepay || in.SignType != "RSA" || len(in.NonceStr) != 32 {
			t.Errorf("%+v, %v", in, err)
		}
		if !signedBy(public, "wxB\n1772366400\n"+in.NonceStr+"\nprepay_id="+prepay+"\n", in.PaySign) {
			t.Errorf("%s: paySign does not verify", merchant)
		}
	}
	for _, c := range []struct {
		t       wx.Trade
		partner string
	}{{directTrade, directID}, {partnerTrade, subID}} {
		in, err := g.InvokeApp(c.t, "wxB", prepay)
		want := wx.AppInvoke{
			AppID: "wxB", PartnerID: c.partner, PrepayID: prepay, Package: "Sign=WXPay",
			NonceStr: in.NonceStr, Timestamp: "1772366400", Sign: in.Sign,
		}
		if err != nil || in != want || len(in.NonceStr) != 32 {
			t.Errorf("%+v, %v", in, err)
		}
		if !signedBy(public, "wxB\n1772366400\n"+in.NonceStr+"\n"+prepay+"\n", in.Sign) {
			t.Errorf("%s: sign does not verify", c.partner)
		}
	}
	one, _ := g.Invoke(directID, "wxB", prepay)
	two, _ := g.Invoke(directID, "wxB", prepay)
	if one.NonceStr == two.NonceStr {
		t.Error("a nonce was used twice")
	}
	if _, err := g.Invoke("1", "wxB", prepay); !errors.Is(err, wx.ErrMerchantUnknown) {
		t.Errorf("got %v", err)
	}
}
