package gopaytest

import (
	"testing"
	"time"

	"github.com/go-pay/gopay"

	"wxhub/wx/sandbox"
)

func TestRefundsOfBothKindsOfMerchants(t *testing.T) {
	for _, partner := range []bool{false, true} {
		s := newStage(t, partner)
		given, err := s.prepays(partner)["NATIVE"](s.order("refunded-1"))
		if err != nil {
			t.Fatal(err)
		}
		payment := s.pay(given)
		s.notice()
		body := gopay.BodyMap{}
		var query gopay.BodyMap // an empty one would make gopay send a ? that it does not sign
		body.Set("transaction_id", payment.TransactionID).Set("out_refund_no", "refund-1").Set("reason", "凉了").Set("notify_url", s.notify).
			SetBodyMap("amount", func(bm gopay.BodyMap) { bm.Set("refund", 30).Set("total", 88).Set("currency", "CNY") })
		if partner {
			body.Set("sub_mchid", sandbox.DefaultSubMerchant)
			query = gopay.BodyMap{"sub_mchid": sandbox.DefaultSubMerchant}
		}
		made, err := s.client.V3Refund(background, body)
		if err != nil || made.Code != 0 || made.Response.Status != "PROCESSING" || made.Response.Amount.Refund != 30 {
			t.Fatalf("%+v %v", made, err)
		}
		if _, err := s.platform.AdvanceClock(5 * time.Second); err != nil {
			t.Fatal(err)
		}
		ended, err := s.client.V3RefundQuery(background, "refund-1", query)
		if err != nil || ended.Code != 0 || ended.Response.Status != "SUCCESS" || ended.Response.RefundId != made.Response.RefundId {
			t.Errorf("%+v %v", ended, err)
		}
		notice := s.notice()
		if partner {
			got, err := notice.DecryptPartnerRefundCipherText(s.merchant.APIv3Key)
			if err != nil || got.RefundStatus != "SUCCESS" || got.SpMchid != s.merchant.ID || got.SubMchid != sandbox.DefaultSubMerchant || got.Amount.Refund != 30 {
				t.Errorf("%+v %v", got, err)
			}
			continue
		}
		got, err := notice.DecryptRefundCipherText(s.merchant.APIv3Key)
		if err != nil || got.RefundStatus != "SUCCESS" || got.Mchid != s.merchant.ID || got.Amount.Refund != 30 {
			t.Errorf("%+v %v", got, err)
		}
	}
}
