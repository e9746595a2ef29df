package gopaytest

import (
	"testing"

	"github.com/go-pay/gopay"
	gopayv3 "github.com/go-pay/gopay/wechat/v3"

	"wxhub/wx/sandbox"
)

// prepays are the calls of all channels, direct or of the service provider; each returns what the phone needs.
func (s *stage) prepays(partner bool) map[string]func(gopay.BodyMap) (string, error) {
	c := s.client
	jsapi, native, h5, app := c.V3TransactionJsapi, c.V3TransactionNative, c.V3TransactionH5, c.V3TransactionApp
	account := sandbox.DefaultMiniProgram
	if partner {
		jsapi, native, h5, app = c.V3PartnerTransactionJsapi, c.V3PartnerTransactionNative, c.V3PartnerTransactionH5, c.V3PartnerTransactionApp
		account = sandbox.DefaultPartnerAccount
	}
	who := func(bm gopay.BodyMap, app string) {
		if partner {
			bm.Set("sp_appid", app).Set("sp_mchid", s.merchant.ID).Set("sub_mchid", sandbox.DefaultSubMerchant)
			return
		}
		bm.Set("appid", app).Set("mchid", s.merchant.ID)
	}
	openid := map[bool]string{false: "openid", true: "sp_openid"}[partner]
	return map[string]func(gopay.BodyMap) (string, error){
		"JSAPI": func(bm gopay.BodyMap) (string, error) {
			who(bm, account)
			bm.SetBodyMap("payer", func(bm gopay.BodyMap) { bm.Set(openid, s.payer.OpenIDs[account]) })
			got, err := jsapi(background, bm)
			if err != nil || got.Code != 0 {
				return got.Error, err
			}
			signed, err := c.PaySignOfJSAPI(account, got.Response.PrepayId)
			if err != nil {
				return "", err
			}
			return s.platform.CheckInvocation(sandbox.Invocation{
				AppID: signed.AppId, TimeStamp: signed.TimeStamp, NonceStr: signed.NonceStr, Package: signed.Package, SignType: signed.SignType, PaySign: signed.PaySign,
			})
		},
		"NATIVE": func(bm gopay.BodyMap) (string, error) {
			who(bm, account)
			got, err := native(background, bm)
			if err != nil || got.Code != 0 {
				return got.Error, err
			}
			return got.Response.CodeUrl, nil
		},
		"MWEB": func(bm gopay.BodyMap) (string, error) {
			who(bm, account)
			bm.SetBodyMap("scene_info", func(bm gopay.BodyMap) {
				bm.Set("payer_client_ip", "14.23.150.211").SetBodyMap("h5_info", func(bm gopay.BodyMap) { bm.Set("type", "Wap") })
			})
			got, err := h5(background, bm)
			if err != nil || got.Code != 0 {
				return got.Error, err
			}
			return got.Response.H5Url, nil
		},
		"APP": func(bm gopay.BodyMap) (string, error) {
			who(bm, sandbox.DefaultMobileApp)
			got, err := app(background, bm)
			if err != nil || got.Code != 0 {
				return got.Error, err
			}
			signed, err := c.PaySignOfApp(sandbox.DefaultMobileApp, got.Response.PrepayId)
			if err != nil {
				return "", err
			}
			return s.platform.CheckAppInvocation(sandbox.AppInvocation{
				AppID: signed.Appid, PartnerID: signed.Partnerid, PrepayID: signed.Prepayid, Package: signed.Package,
				NonceStr: signed.Noncestr, TimeStamp: signed.Timestamp, Sign: signed.Sign,
			})
		},
	}
}

func TestDirectMerchantPaysThroughEveryChannel(t *testing.T) {
	s := newStage(t, false)
	for tradeType, prepay := range s.prepays(false) {
		number := "direct-" + tradeType
		given, err := prepay(s.order(number))
		if err != nil {
			t.Fatalf("%s: %v", tradeType, err)
		}
		payment := s.pay(given)
		got, err := s.notice().DecryptPayCipherText(s.merchant.APIv3Key)
		if err != nil || got.TransactionId != payment.TransactionID || got.TradeType != tradeType || got.Amount.Total != 88 || got.Payer.Openid == "" {
			t.Errorf("%s: %+v %v", tradeType, got, err)
		}
		for kind, no := range map[gopayv3.OrderNoType]string{gopayv3.OutTradeNo: number, gopayv3.TransactionId: payment.TransactionID} {
			found, err := s.client.V3TransactionQueryOrder(background, kind, no)
			if err != nil || found.Code != 0 || found.Response.TradeState != "SUCCESS" {
				t.Errorf("%s: %+v %v", tradeType, found, err)
			}
		}
		other := "other-" + tradeType
		if _, err := prepay(s.order(other)); err != nil {
			t.Fatal(err)
		}
		if closed, err := s.client.V3TransactionCloseOrder(background, other); err != nil || closed.Code != 0 {
			t.Errorf("%s: %+v %v", tradeType, closed, err)
		}
	}
}

func TestServiceProviderPaysThroughEveryChannel(t *testing.T) {
	s := newStage(t, true)
	parties := func() gopay.BodyMap {
		return gopay.BodyMap{"sp_mchid": s.merchant.ID, "sub_mchid": sandbox.DefaultSubMerchant}
	}
	for tradeType, prepay := range s.prepays(true) {
		number := "partner-" + tradeType
		given, err := prepay(s.order(number))
		if err != nil {
			t.Fatalf("%s: %v", tradeType, err)
		}
		payment := s.pay(given)
		got, err := s.notice().DecryptPartnerPayCipherText(s.merchant.APIv3Key)
		if err != nil || got.TransactionId != payment.TransactionID || got.SubMchid != sandbox.DefaultSubMerchant || got.Payer.SpOpenid == "" {
			t.Errorf("%s: %+v %v", tradeType, got, err)
		}
		for kind, no := range map[gopayv3.OrderNoType]string{gopayv3.OutTradeNo: number, gopayv3.TransactionId: payment.TransactionID} {
			found, err := s.client.V3PartnerQueryOrder(background, kind, no, parties())
			if err != nil || found.Code != 0 || found.Response.TradeState != "SUCCESS" {
				t.Errorf("%s: %+v %v", tradeType, found, err)
			}
		}
		other := "other-" + tradeType
		if _, err := prepay(s.order(other)); err != nil {
			t.Fatal(err)
		}
		if closed, err := s.client.V3PartnerCloseOrder(background, other, parties()); err != nil || closed.Code != 0 {
			t.Errorf("%s: %+v %v", tradeType, closed, err)
		}
	}
}
