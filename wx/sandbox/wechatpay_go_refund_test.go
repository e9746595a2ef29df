package sandbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"

	"wxhub/wx/sandbox"
)

func TestOfficialSDKRefunds(t *testing.T) {
	for i := range 2 {
		s, r, ctx := newStageFor(t, sandbox.Options{}, 2*i), newReceiver(t, 204), context.Background()
		var client *core.Client
		var verifier auth.Verifier
		var sub *string
		if i == 0 {
			client = s.officialSDK()
			verifier = verifiers.NewSHA256WithRSAPubkeyVerifier(s.merchant.PublicKeyID, *publicKey(t, s.merchant.PublicKeyPEM))
		} else {
			manager := s.sdkCertificates()
			client, sub = s.certifiedSDK(manager), core.String(sandbox.DefaultSubMerchant)
			verifier = verifiers.NewSHA256WithRSAVerifier(manager.GetCertificateVisitor(s.merchant.ID))
		}
		service := refunddomestic.RefundsApiService{Client: client}
		_, transaction := s.paidOrderOf100()
		request := refunddomestic.CreateRequest{
			SubMchid: sub, TransactionId: &transaction, OutRefundNo: core.String("sdk|refund*@1"), Reason: core.String("凉了"), NotifyUrl: &r.url,
			FundsAccount: refunddomestic.REQFUNDSACCOUNT_AVAILABLE.Ptr(),
			Amount:       &refunddomestic.AmountReq{Refund: core.Int64(30), Total: core.Int64(100), Currency: core.String("CNY")},
			GoodsDetail:  []refunddomestic.GoodsDetail{{MerchantGoodsId: core.String("1"), UnitPrice: core.Int64(30), RefundAmount: core.Int64(30), RefundQuantity: core.Int64(1)}},
		}
		made, _, err := service.Create(ctx, request)
		if err != nil || *made.Status != refunddomestic.STATUS_PROCESSING || *made.Amount.Refund != 30 || *made.TransactionId != transaction {
			t.Fatalf("%v %v", made, err)
		}
		if again, _, err := service.Create(ctx, request); err != nil || *again.RefundId != *made.RefundId {
			t.Errorf("%v %v", again, err)
		}
		s.advance(5 * time.Second)
		ended, _, err := service.QueryByOutRefundNo(ctx, refunddomestic.QueryByOutRefundNoRequest{OutRefundNo: request.OutRefundNo, SubMchid: sub})
		if err != nil || *ended.Status != refunddomestic.STATUS_SUCCESS || ended.SuccessTime == nil {
			t.Fatalf("%v %v", ended, err)
		}
		var notice struct {
			RefundStatus string `json:"refund_status"`
			OutRefundNo  string `json:"out_refund_no"`
			Amount       struct{ Refund int64 }
		}
		if err := s.sdkRead(verifier, r.wait(t, 1)[0], &notice); err != nil || notice.RefundStatus != "SUCCESS" || notice.OutRefundNo != "sdk|refund*@1" || notice.Amount.Refund != 30 {
			t.Errorf("%+v %v", notice, err)
		}
		_, _, err = service.QueryByOutRefundNo(ctx, refunddomestic.QueryByOutRefundNoRequest{OutRefundNo: core.String("unknown"), SubMchid: sub})
		if !core.IsAPIError(err, "RESOURCE_NOT_EXISTS") {
			t.Errorf("%v", err)
		}
	}
}

// The SDK's verifier for the time of the switch holds both kinds of keys and reads every callback.
func TestOfficialSDKReadsBothKindsOfCallbacks(t *testing.T) {
	s, keys := greySwitch(t, "")
	r := newReceiver(t, 204)
	verifier := verifiers.NewSHA256WithRSACombinedVerifier(s.sdkCertificates().GetCertificateVisitor(s.merchant.ID), s.merchant.PublicKeyID, *publicKey(t, s.merchant.PublicKeyPEM))
	seen := map[string]bool{}
	for n := 0; n < 100 && len(seen) < 2; n++ {
		s.paidOrder(r)
		a := r.wait(t, n+1)[n]
		seen[s.signedWith(a.header, a.body, keys)] = true
		var transaction map[string]any
		if err := s.sdkRead(verifier, a, &transaction); err != nil || transaction["trade_state"] != "SUCCESS" {
			t.Fatalf("%v %v", transaction, err)
		}
	}
	if len(seen) != 2 || seen[""] {
		t.Errorf("%v", seen)
	}
}
