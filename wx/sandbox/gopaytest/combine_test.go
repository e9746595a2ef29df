package gopaytest

import (
	"testing"

	"github.com/go-pay/gopay"

	"wxhub/wx/sandbox"
)

// combined is a combined prepay's body with two sub orders, number-a and number-b.
func (s *stage) combined(app, number string) gopay.BodyMap {
	var subs []gopay.BodyMap
	for _, part := range []string{"-a", "-b"} {
		sub := gopay.BodyMap{}
		sub.Set("mchid", s.merchant.ID).Set("attach", "table 7").Set("out_trade_no", number+part).Set("description", "茶").
			SetBodyMap("amount", func(bm gopay.BodyMap) { bm.Set("total_amount", 88).Set("currency", "CNY") })
		subs = append(subs, sub)
	}
	bm := gopay.BodyMap{}
	bm.Set("combine_appid", app).Set("combine_mchid", s.merchant.ID).Set("combine_out_trade_no", number).Set("notify_url", s.notify).Set("sub_orders", subs)
	return bm
}

// combines are the combined prepays of all channels; each returns what the phone needs, or the refusal.
func (s *stage) combines() map[string]func(number string) (string, error) {
	mini := sandbox.DefaultMiniProgram
	return map[string]func(string) (string, error){
		"JSAPI": func(number string) (string, error) {
			bm := s.combined(mini, number)
			bm.SetBodyMap("combine_payer_info", func(bm gopay.BodyMap) { bm.Set("openid", s.payer.OpenIDs[mini]) })
			got, err := s.client.V3CombineTransactionJsapi(background, bm)
			if err != nil || got.Code != 0 {
				return got.Error, err
			}
			signed, err := s.client.PaySignOfJSAPI(mini, got.Response.PrepayId)
			if err != nil {
				return "", err
			}
			return s.platform.CheckInvocation(sandbox.Invocation{
				AppID: signed.AppId, TimeStamp: signed.TimeStamp, NonceStr: signed.NonceStr, Package: signed.Package, SignType: signed.SignType, PaySign: signed.PaySign,
			})
		},
		"APP": func(number string) (string, error) {
			got, err := s.client.V3CombineTransactionApp(background, s.combined(sandbox.DefaultMobileApp, number))
			if err != nil || got.Code != 0 {
				return got.Error, err
			}
			signed, err := s.client.PaySignOfApp(sandbox.DefaultMobileApp, got.Response.PrepayId)
			if err != nil {
				return "", err
			}
			return s.platform.CheckAppInvocation(sandbox.AppInvocation{
				AppID: signed.Appid, PartnerID: signed.Partnerid, PrepayID: signed.Prepayid, Package: signed.Package,
				NonceStr: signed.Noncestr, TimeStamp: signed.Timestamp, Sign: signed.Sign,
			})
		},
		"MWEB": func(number string) (string, error) {
			bm := s.combined(mini, number)
			bm.SetBodyMap("scene_info", func(bm gopay.BodyMap) {
				bm.Set("payer_client_ip", "14.23.150.211").SetBodyMap("h5_info", func(bm gopay.BodyMap) { bm.Set("type", "Wap") })
			})
			got, err := s.client.V3CombineTransactionH5(background, bm)
			if err != nil || got.Code != 0 {
				return got.Error, err
			}
			return got.Response.H5Url, nil
		},
		"NATIVE": func(number string) (string, error) {
			got, err := s.client.V3CombineTransactionNative(background, s.combined(mini, number))
			if err != nil || got.Code != 0 {
				return got.Error, err
			}
			return got.Response.CodeUrl, nil
		},
	}
}

func TestCombinedOnEveryChannel(t *testing.T) {
	s := newStage(t, false)
	for tradeType, prepay := range s.combines() {
		number := "gopay-" + tradeType
		given, err := prepay(number)
		if err != nil {
			t.Fatalf("%s: %s %v", tradeType, given, err)
		}
		s.pay(given)
		told, err := s.notice().DecryptCombineCipherText(s.merchant.APIv3Key)
		if err != nil || told.CombineMchid != s.merchant.ID || told.CombineOutTradeNo != number || len(told.SubOrders) != 2 || told.SubOrders[1].OutTradeNo != number+"-b" {
			t.Fatalf("%s: %+v %v", tradeType, told, err)
		}
		got, err := s.client.V3CombineQueryOrder(background, number)
		if err != nil || got.Code != 0 || got.Response.CombinePayerInfo.Openid != s.payer.OpenIDs[got.Response.CombineAppid] {
			t.Fatalf("%s: %+v %v", tradeType, got, err)
		}
		for i, sub := range got.Response.SubOrders {
			if sub.TradeState != "SUCCESS" || sub.TradeType != tradeType || sub.Amount.PayerAmount != 88 || sub.TransactionId != told.SubOrders[i].TransactionId {
				t.Errorf("%s: %+v", tradeType, sub)
			}
		}
	}
}

func TestCombinedIsClosed(t *testing.T) {
	s := newStage(t, false)
	if given, err := s.combines()["NATIVE"]("gopay-closed"); err != nil {
		t.Fatal(given, err)
	}
	closing := func(parts ...string) gopay.BodyMap {
		var subs []gopay.BodyMap
		for _, part := range parts {
			subs = append(subs, gopay.BodyMap{"mchid": s.merchant.ID, "out_trade_no": "gopay-closed" + part})
		}
		return gopay.BodyMap{"combine_appid": sandbox.DefaultMiniProgram, "sub_orders": subs}
	}
	if got, err := s.client.V3CombineCloseOrder(background, "gopay-closed", closing("-a")); err != nil || got.Code != 400 {
		t.Fatalf("%+v %v", got, err)
	}
	if got, err := s.client.V3CombineCloseOrder(background, "gopay-closed", closing("-a", "-b")); err != nil || got.Code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	got, err := s.client.V3CombineQueryOrder(background, "gopay-closed")
	if err != nil || got.Code != 0 || got.Response.SubOrders[0].TradeState != "CLOSED" || got.Response.SubOrders[1].TradeState != "CLOSED" {
		t.Fatalf("%+v %v", got, err)
	}
}
