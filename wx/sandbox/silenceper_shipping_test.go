package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/miniprogram/config"
	minicontext "github.com/silenceper/wechat/v2/miniprogram/context"
	"github.com/silenceper/wechat/v2/miniprogram/order"
	"github.com/silenceper/wechat/v2/util"

	"wxhub/wx/sandbox"
)

// The SDK's HTTP client is a global of its package, so this test does not run in parallel.
func TestSilenceperSDKUploadsShippingInfo(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	before := util.DefaultHTTPClient
	util.DefaultHTTPClient = s.rewriting()
	t.Cleanup(func() { util.DefaultHTTPClient = before })
	app, secret := sandbox.DefaultMiniProgram, s.secret(sandbox.DefaultMiniProgram)
	tokens := credential.NewStableAccessToken(app, secret, "test", cache.NewMemory())
	shipping := order.NewShipping(&minicontext.Context{Config: &config.Config{AppID: app, AppSecret: secret}, AccessTokenContextHandle: tokens})

	number, transaction := s.paidOrderOf100()
	at := time.Now()
	request := func(edit func(*order.UploadShippingInfoRequest)) *order.UploadShippingInfoRequest {
		at = at.Add(time.Second)
		when := at
		r := &order.UploadShippingInfoRequest{
			OrderKey:      &order.ShippingOrderKey{OrderNumberType: order.NumberTypeOutTradeNo, Mchid: s.merchant.ID, OutTradeNo: number},
			LogisticsType: order.LogisticsTypeExpress, DeliveryMode: order.DeliveryModeUnifiedDelivery, UploadTime: &when,
			ShippingList: []*order.ShippingInfo{{TrackingNo: "1234", ExpressCompany: "YTO", ItemDesc: "茶*1"}},
			Payer:        &order.ShippingPayer{Openid: s.payer.OpenIDs[app]},
		}
		edit(r)
		return r
	}
	state := func(want order.State, finished int) {
		t.Helper()
		got, err := shipping.GetShippingOrder(&order.GetShippingOrderRequest{TransactionID: transaction})
		if err != nil || got.Order.OrderState != want || got.Order.Shipping.FinishShippingCount != finished || got.Order.MerchantTradeNo != number {
			t.Errorf("%+v %v", got.Order, err)
		}
	}
	state(order.StateWaitShipment, 0)
	for _, step := range []struct {
		name, code string
		edit       func(*order.UploadShippingInfoRequest)
	}{
		{"unknown order", "10060001", func(r *order.UploadShippingInfoRequest) { r.OrderKey.OutTradeNo = "unknown-1" }},
		{"no tracking number", "40097", func(r *order.UploadShippingInfoRequest) { r.ShippingList[0].TrackingNo = "" }},
		{"SF without contact", "40097", func(r *order.UploadShippingInfoRequest) { r.ShippingList[0].ExpressCompany = "SF" }},
		{"no goods", "268485224", func(r *order.UploadShippingInfoRequest) { r.ShippingList = nil }},
		{"logistics type", "10060005", func(r *order.UploadShippingInfoRequest) { r.LogisticsType = 5 }},
		{"another payer", "40003", func(r *order.UploadShippingInfoRequest) { r.Payer.Openid = "nobody" }},
		{"first", "", func(*order.UploadShippingInfoRequest) {}},
		{"the same", "10060023", func(*order.UploadShippingInfoRequest) {}},
		{"older", "268485216", func(r *order.UploadShippingInfoRequest) {
			*r.UploadTime, r.ShippingList[0].TrackingNo = time.Unix(1, 0), "0"
		}},
		{"once more", "", func(r *order.UploadShippingInfoRequest) { r.ShippingList[0].TrackingNo = "5678" }},
		{"a third time", "10060003", func(r *order.UploadShippingInfoRequest) { r.ShippingList[0].TrackingNo = "9" }},
	} {
		err := shipping.UploadShippingInfo(request(step.edit))
		if (err == nil) != (step.code == "") || err != nil && !strings.Contains(err.Error(), step.code) {
			t.Errorf("%s: %v", step.name, err)
		}
	}
	state(order.StateShipped, 2)
	if answer := s.refund(number, "refund-1", 100); answer.status != 200 {
		t.Fatalf("%s", answer.body)
	}
	state(order.StateRefund, 2)
	number, transaction = s.paidOrderOf100()
	s.refund(number, "refund-2", 100)
	if err := shipping.UploadShippingInfo(request(func(*order.UploadShippingInfoRequest) {})); err == nil || !strings.Contains(err.Error(), "10060004") {
		t.Errorf("refunded: %v", err)
	}
}
