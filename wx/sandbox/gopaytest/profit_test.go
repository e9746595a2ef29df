package gopaytest

import (
	"maps"
	"testing"
	"time"

	"github.com/go-pay/gopay"

	"wxhub/wx/sandbox"
)

// profitBody is a body about profit sharing, for a service provider with its sub merchant.
func (s *stage) profitBody(partner bool) gopay.BodyMap {
	bm := gopay.BodyMap{}
	if partner {
		bm.Set("sub_mchid", sandbox.DefaultSubMerchant)
	}
	return bm
}

// toShare pays 10000 fen that can be shared.
func (s *stage) toShare(partner bool, app string) (transactionID string) {
	s.Helper()
	bm := s.order("share-1").Set("amount", gopay.BodyMap{"total": 10000}).Set("settle_info", gopay.BodyMap{"profit_sharing": true})
	var code string
	if partner {
		made, err := s.client.V3PartnerTransactionNative(background, bm.Set("sp_appid", app).Set("sp_mchid", s.merchant.ID).Set("sub_mchid", sandbox.DefaultSubMerchant))
		if err != nil || made.Code != 0 {
			s.Fatalf("%+v %v", made, err)
		}
		code = made.Response.CodeUrl
	} else {
		made, err := s.client.V3TransactionNative(background, bm.Set("appid", app).Set("mchid", s.merchant.ID))
		if err != nil || made.Code != 0 {
			s.Fatalf("%+v %v", made, err)
		}
		code = made.Response.CodeUrl
	}
	transactionID = s.pay(code).TransactionID
	s.advance(time.Minute)
	return transactionID
}

func (s *stage) advance(d time.Duration) {
	s.Helper()
	if _, err := s.platform.AdvanceClock(d); err != nil {
		s.Fatal(err)
	}
}

func TestProfitSharing(t *testing.T) {
	for name, partner := range map[string]bool{"direct": false, "partner": true} {
		t.Run(name, func(t *testing.T) {
			s, app := newStage(t, partner), sandbox.DefaultMiniProgram
			if partner {
				app = sandbox.DefaultPartnerAccount
			}
			person := s.payer.OpenIDs[app]
			s.addReceivers(partner, app, person)
			transaction := s.toShare(partner, app)
			body := s.profitBody(partner).Set("appid", app).Set("transaction_id", transaction).Set("out_order_no", "g1").Set("unfreeze_unsplit", false).
				Set("receivers", []gopay.BodyMap{
					{"type": "MERCHANT_ID", "account": sandbox.DefaultSecondMerchant, "amount": 2000, "description": "店"},
					{"type": "PERSONAL_OPENID", "account": person, "amount": 100, "description": "人"},
				})
			made, err := s.client.V3ProfitShareOrder(background, body)
			if err != nil || made.Code != 0 || made.Response.State != sandbox.SharingProcessing || made.Response.Receivers[1].Result != sandbox.PartPending {
				t.Fatalf("%+v %v", made, err)
			}
			if err := s.platform.FailProfit(person, "ACCOUNT_ABNORMAL", ""); err != nil {
				t.Fatal(err)
			}
			s.advance(5 * time.Second)
			found, err := s.client.V3ProfitShareOrderQuery(background, "g1", s.profitBody(partner).Set("transaction_id", transaction))
			if err != nil || found.Code != 0 || found.Response.State != sandbox.SharingFinished || found.Response.OrderId != made.Response.OrderId ||
				found.Response.Receivers[0].Result != sandbox.PartSuccess || found.Response.Receivers[1].FailReason != "ACCOUNT_ABNORMAL" {
				t.Fatalf("%+v %v", found, err)
			}
			s.returnsAndUnfreezes(partner, transaction)
			again := maps.Clone(body)
			again.Set("unfreeze_unsplit", true)
			if got, err := s.client.V3ProfitShareOrder(background, again); err != nil || got.ErrResponse.Code != "PARAM_ERROR" {
				t.Errorf("other parameters: %+v %v", got, err)
			}
			ratio, err := s.client.V3ProfitShareMerchantConfigs(background, sandbox.DefaultSubMerchant)
			if err != nil || partner != (ratio.Code == 0) || partner && ratio.Response.MaxRatio != 3000 || !partner && ratio.ErrResponse.Code != "NO_AUTH" {
				t.Errorf("%+v %v", ratio, err)
			}
		})
	}
}

func (s *stage) addReceivers(partner bool, app, person string) {
	s.Helper()
	name, err := s.client.V3EncryptText("某某商店")
	if err != nil {
		s.Fatal(err)
	}
	for _, receiver := range []gopay.BodyMap{
		s.profitBody(partner).Set("type", "MERCHANT_ID").Set("account", sandbox.DefaultSecondMerchant).Set("name", name).Set("relation_type", "STORE"),
		s.profitBody(partner).Set("type", "PERSONAL_OPENID").Set("account", person).Set("relation_type", "STAFF"),
		s.profitBody(partner).Set("type", "MERCHANT_ID").Set("account", sandbox.DefaultPlainSubMerchant).Set("name", name).Set("relation_type", "STORE"),
	} {
		added, err := s.client.V3ProfitShareAddReceiver(background, receiver.Set("appid", app))
		if err != nil || added.Code != 0 || added.Response.Account != receiver.GetString("account") {
			s.Fatalf("%+v %v", added, err)
		}
	}
	gone, err := s.client.V3ProfitShareDeleteReceiver(background,
		s.profitBody(partner).Set("appid", app).Set("type", "MERCHANT_ID").Set("account", sandbox.DefaultPlainSubMerchant))
	if err != nil || gone.Code != 0 {
		s.Fatalf("%+v %v", gone, err)
	}
}

func (s *stage) returnsAndUnfreezes(partner bool, transaction string) {
	s.Helper()
	back, err := s.client.V3ProfitShareReturn(background, s.profitBody(partner).Set("out_order_no", "g1").Set("out_return_no", "r1").
		Set("return_mchid", sandbox.DefaultSecondMerchant).Set("amount", 700).Set("description", "退"))
	if err != nil || back.Code != 0 || back.Response.Result != sandbox.ReturnSuccess {
		s.Fatalf("%+v %v", back, err)
	}
	result, err := s.client.V3ProfitShareReturnResult(background, "r1", s.profitBody(partner).Set("out_order_no", "g1"))
	if err != nil || result.Code != 0 || result.Response.ReturnId != back.Response.ReturnId || result.Response.Amount != 700 {
		s.Errorf("%+v %v", result, err)
	}
	for _, want := range []int{7940, 0} {
		left, err := s.client.V3ProfitShareUnsplitAmount(background, transaction)
		if err != nil || left.Code != 0 || left.Response.UnsplitAmount != want {
			s.Errorf("%+v %v, not %d", left, err, want)
		}
		freed, err := s.client.V3ProfitShareOrderUnfreeze(background, s.profitBody(partner).Set("transaction_id", transaction).Set("out_order_no", "f1").Set("description", "完"))
		if err != nil || freed.Code != 0 {
			s.Errorf("%+v %v", freed, err)
		}
	}
}
