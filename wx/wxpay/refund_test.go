package wxpay

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx"
)

const refundAnswer = `{"refund_id":"50000000382019052709732678859","out_refund_no":"r-1","transaction_id":"4200001","out_trade_no":"n-1","channel":"ORIGINAL",` +
	`"user_received_account":"招商银行信用卡0403","create_time":"2026-03-01T20:05:00+08:00","status":"PROCESSING","funds_account":"AVAILABLE",` +
	`"amount":{"total":100,"refund":40,"payer_total":90,"payer_refund":36,"settlement_refund":40,"settlement_total":100,"discount_refund":4,"currency":"CNY"}}`

// succeeded makes a refund's answer one of success.
func succeeded(answer string) string {
	return strings.Replace(answer, `"status":"PROCESSING"`, `"status":"SUCCESS","success_time":"2026-03-01T20:06:00+08:00"`, 1)
}

func refundOfTrade(t wx.Trade) wx.RefundRequest {
	return wx.RefundRequest{Trade: t, OutRefundNo: "r-1", Amount: 40, Total: 100, Currency: "CNY", Reason: "cold", NotifyURL: "https://shop.example.com/r"}
}

func TestRefundRequests(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		t              wx.Trade
		body, queryURI string
	}{
		{
			directTrade, `{"out_trade_no":"n-1","out_refund_no":"r-1","reason":"cold","notify_url":"https://shop.example.com/r","amount":{"refund":40,"total":100,"currency":"CNY"}}`,
			"/v3/refund/domestic/refunds/r-1",
		},
		{
			partnerTrade, `{"sub_mchid":"1900000109","out_trade_no":"n-1","out_refund_no":"r-1","reason":"cold","notify_url":"https://shop.example.com/r","amount":{"refund":40,"total":100,"currency":"CNY"}}`,
			"/v3/refund/domestic/refunds/r-1?sub_mchid=1900000109",
		},
	} {
		p := newPlatform(t)
		p.answer = func(r request) (int, string) {
			if r.method == http.MethodGet {
				return 200, succeeded(refundAnswer)
			}
			return 200, refundAnswer
		}
		g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
		want := wx.RefundState{
			Trade: c.t, OutRefundNo: "r-1", RefundID: "50000000382019052709732678859", TransactionID: "4200001",
			Status: wx.RefundProcessing, Amount: 40, Total: 100,
		}
		if got, err := g.Refund(ctx, refundOfTrade(c.t)); err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
		want.Status, want.SuccessTime = wx.RefundSuccess, time.Date(2026, 3, 1, 12, 6, 0, 0, time.UTC)
		if got, err := g.QueryRefund(ctx, c.t, "r-1"); err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
		seen := p.requests()
		if seen[0].method != "POST" || seen[0].uri != "/v3/refund/domestic/refunds" || seen[1].method != "GET" || seen[1].uri != c.queryURI {
			t.Errorf("%+v", seen)
		}
		if seen[0].mchid != c.t.MerchantID || seen[0].serial != keyID || seen[1].mchid != c.t.MerchantID {
			t.Errorf("%+v", seen)
		}
		sameJSON(t, c.t.MerchantID, seen[0].body, c.body)
	}
}

func TestRefundLeavesOutWhatIsEmpty(t *testing.T) {
	p := newPlatform(t)
	p.answer = func(request) (int, string) { return 200, refundAnswer }
	r := refundOfTrade(directTrade)
	r.Reason, r.NotifyURL = "", ""
	if _, err := p.gateway(merchantOf(directID, true)).Refund(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "refund", p.requests()[0].body, `{"out_trade_no":"n-1","out_refund_no":"r-1","amount":{"refund":40,"total":100,"currency":"CNY"}}`)
}

func TestRefundAnswers(t *testing.T) {
	with := func(from, to string) string { return strings.Replace(refundAnswer, from, to, 1) }
	status := func(s string) string { return with("PROCESSING", s) }
	for name, c := range map[string]struct {
		answer string
		status wx.RefundStatus
		want   error
	}{
		"processing":               {refundAnswer, wx.RefundProcessing, nil},
		"success":                  {succeeded(refundAnswer), wx.RefundSuccess, nil},
		"closed":                   {status("CLOSED"), wx.RefundClosed, nil},
		"abnormal":                 {status("ABNORMAL"), wx.RefundAbnormal, nil},
		"success without a time":   {status("SUCCESS"), "", wx.ErrBusy},
		"a status of the future":   {status("MAYBE"), "", wx.ErrBusy},
		"no status":                {with(`"status":"PROCESSING",`, ""), "", wx.ErrBusy},
		"no refund id":             {with("refund_id", "x"), "", wx.ErrBusy},
		"no amount":                {with(`"amount"`, `"x"`), "", wx.ErrBusy},
		"nothing refunded":         {with(`"refund":40`, `"refund":0`), "", wx.ErrBusy},
		"more refunded than paid":  {with(`"refund":40`, `"refund":101`), "", wx.ErrBusy},
		"an amount with fractions": {with(`"refund":40`, `"refund":40.5`), "", wx.ErrForged},
		"of another refund":        {with("r-1", "r-2"), "", wx.ErrForged},
		"of another payment":       {with("n-1", "n-2"), "", wx.ErrForged},
		"null":                     {"null", "", wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, c.answer }
		g := p.gateway(merchantOf(directID, true))
		created, err := g.Refund(context.Background(), refundOfTrade(directTrade))
		if !errors.Is(err, c.want) || created.Status != c.status {
			t.Errorf("%s: created %+v, %v", name, created, err)
		}
		if asked, err := g.QueryRefund(context.Background(), directTrade, "r-1"); !errors.Is(err, c.want) || asked != created {
			t.Errorf("%s: asked %+v, %v", name, asked, err)
		}
	}
}

// A probe on the answer to a refund is asked again with the same number.
func TestRefundProbe(t *testing.T) {
	p := newPlatform(t)
	p.answer = func(request) (int, string) { return 200, refundAnswer }
	p.spoil = spoilFirst(1, header("Wechatpay-Signature", probePrefix+"abc"))
	if _, err := p.gateway(merchantOf(directID, true)).Refund(context.Background(), refundOfTrade(directTrade)); err != nil {
		t.Fatal(err)
	}
	if seen := p.requests(); len(seen) != 2 || seen[0].body != seen[1].body {
		t.Errorf("%+v", seen)
	}
}
