package sandbox_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"

	"wxhub/wx/sandbox"
)

// sensitiveSDK is the official SDK with its cipher for sensitive fields, both ways.
func (s *stage) sensitiveSDK() *core.Client {
	s.t.Helper()
	if s.partner() {
		return s.certifiedSDK(s.sdkCertificates())
	}
	return s.officialSDK()
}

func TestOfficialSDKSharesProfits(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		ctx, client := context.Background(), s.sensitiveSDK()
		var sub *string
		if s.partner() {
			sub = core.String(sandbox.DefaultSubMerchant)
		}
		app, merchant, person := core.String(s.ownApp()), core.String(sandbox.DefaultSecondMerchant), core.String(s.person())
		receivers := profitsharing.ReceiversApiService{Client: client}
		for _, r := range []profitsharing.AddReceiverRequest{
			{Type: profitsharing.RECEIVERTYPE_MERCHANT_ID.Ptr(), Account: merchant, Name: core.String("某某商店"), RelationType: profitsharing.RECEIVERRELATIONTYPE_STORE.Ptr()},
			{Type: profitsharing.RECEIVERTYPE_PERSONAL_OPENID.Ptr(), Account: person, Name: core.String("张三丰"), RelationType: profitsharing.RECEIVERRELATIONTYPE_CUSTOM.Ptr(), CustomRelation: core.String("友")},
		} {
			r.Appid, r.SubMchid = app, sub
			name := *r.Name
			added, _, err := receivers.AddReceiver(ctx, r)
			if err != nil || *added.Account != *r.Account || *added.RelationType != *r.RelationType || *added.Name != name {
				t.Fatalf("%v %v", added, err)
			}
		}
		transaction := s.paidToShare()
		orders := profitsharing.OrdersApiService{Client: client}
		asked := profitsharing.CreateOrderRequest{
			Appid: app, SubMchid: sub, TransactionId: &transaction, OutOrderNo: core.String("sdk|share*@1"), UnfreezeUnsplit: core.Bool(false),
			Receivers: []profitsharing.CreateOrderReceiver{
				{Type: core.String("MERCHANT_ID"), Account: merchant, Amount: core.Int64(2000), Description: core.String("店")},
				{Type: core.String("PERSONAL_OPENID"), Account: person, Amount: core.Int64(100), Description: core.String("人"), Name: core.String("张三丰")},
			},
		}
		made, _, err := orders.CreateOrder(ctx, asked)
		if err != nil || *made.State != profitsharing.ORDERSTATUS_PROCESSING || len(made.Receivers) != 2 || *made.Receivers[0].Result != profitsharing.DETAILSTATUS_PENDING {
			t.Fatalf("%v %v", made, err)
		}
		again, _, err := orders.CreateOrder(ctx, asked)
		if err != nil || *again.OrderId != *made.OrderId {
			t.Errorf("%v %v", again, err)
		}
		if err := s.platform.FailProfit(*person, "RECEIVER_REAL_NAME_NOT_VERIFIED", ""); err != nil {
			t.Fatal(err)
		}
		s.advance(5 * time.Second)
		ended, _, err := orders.QueryOrder(ctx, profitsharing.QueryOrderRequest{SubMchid: sub, TransactionId: &transaction, OutOrderNo: asked.OutOrderNo})
		if err != nil || *ended.State != profitsharing.ORDERSTATUS_FINISHED || *ended.Receivers[0].Result != profitsharing.DETAILSTATUS_SUCCESS ||
			*ended.Receivers[1].FailReason != profitsharing.DETAILFAILREASON_RECEIVER_REAL_NAME_NOT_VERIFIED || ended.Receivers[0].FinishTime.Before(*ended.Receivers[0].CreateTime) {
			t.Fatalf("%v %v", ended, err)
		}
		s.sdkReturnsProfit(client, sub, asked.OutOrderNo)
		left, _, err := (&profitsharing.TransactionsApiService{Client: client}).QueryOrderAmount(ctx, profitsharing.QueryOrderAmountRequest{TransactionId: &transaction})
		if err != nil || *left.UnsplitAmount != 7940 || *left.TransactionId != transaction {
			t.Errorf("%v %v", left, err)
		}
		freed, _, err := orders.UnfreezeOrder(ctx, profitsharing.UnfreezeOrderRequest{SubMchid: sub, TransactionId: &transaction, OutOrderNo: core.String("sdk-free"), Description: core.String("完")})
		if err != nil || *freed.State != profitsharing.ORDERSTATUS_PROCESSING {
			t.Errorf("%v %v", freed, err)
		}
		asked.OutOrderNo = core.String("sdk-share-2")
		if _, _, err = orders.CreateOrder(ctx, asked); !core.IsAPIError(err, "NOT_ENOUGH") {
			t.Errorf("%v", err)
		}
		gone, _, err := receivers.DeleteReceiver(ctx, profitsharing.DeleteReceiverRequest{Appid: app, SubMchid: sub, Type: profitsharing.RECEIVERTYPE_PERSONAL_OPENID.Ptr(), Account: person})
		if err != nil || *gone.Account != *person {
			t.Errorf("%v %v", gone, err)
		}
		ratio, _, err := (&profitsharing.MerchantsApiService{Client: client}).QueryMerchantRatio(ctx, profitsharing.QueryMerchantRatioRequest{SubMchid: core.String(sandbox.DefaultSubMerchant)})
		if s.partner() != (err == nil) || err == nil && *ratio.MaxRatio != 3000 || err != nil && !core.IsAPIError(err, "NO_AUTH") {
			t.Errorf("%v %v", ratio, err)
		}
	})
}

func (s *stage) sdkReturnsProfit(client *core.Client, sub, outOrderNo *string) {
	s.t.Helper()
	ctx, returns := context.Background(), profitsharing.ReturnOrdersApiService{Client: client}
	asked := profitsharing.CreateReturnOrderRequest{SubMchid: sub, OutOrderNo: outOrderNo, OutReturnNo: core.String("sdk-return"),
		ReturnMchid: core.String(sandbox.DefaultSecondMerchant), Amount: core.Int64(700), Description: core.String("退")}
	made, _, err := returns.CreateReturnOrder(ctx, asked)
	if err != nil || *made.Result != profitsharing.RETURNORDERSTATUS_SUCCESS || *made.Amount != 700 {
		s.t.Fatalf("%v %v", made, err)
	}
	found, _, err := returns.QueryReturnOrder(ctx, profitsharing.QueryReturnOrderRequest{SubMchid: sub, OutReturnNo: asked.OutReturnNo, OutOrderNo: outOrderNo})
	if err != nil || *found.ReturnId != *made.ReturnId || found.FinishTime == nil {
		s.t.Errorf("%v %v", found, err)
	}
	_, _, err = returns.QueryReturnOrder(ctx, profitsharing.QueryReturnOrderRequest{SubMchid: sub, OutReturnNo: core.String("unknown"), OutOrderNo: outOrderNo})
	if !core.IsAPIError(err, "RESOURCE_NOT_EXISTS") || !strings.Contains(err.Error(), "记录不存在") {
		s.t.Errorf("%v", err)
	}
}
