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

const (
	directPaid = `{"appid":"wxA","mchid":"1900000001","out_trade_no":"n-1","transaction_id":"4200001","trade_type":"JSAPI","trade_state":"SUCCESS",` +
		`"trade_state_desc":"支付成功","bank_type":"CMC","success_time":"2026-03-01T20:01:02+08:00","payer":{"openid":"openid-1"},"amount":{"total":100,"payer_total":90,"currency":"CNY","payer_currency":"CNY"}}`
	partnerPaid = `{"sp_appid":"wxA","sp_mchid":"1900000100","sub_appid":"wxB","sub_mchid":"1900000109","out_trade_no":"n-1","transaction_id":"4200001",` +
		`"trade_state":"SUCCESS","success_time":"2026-03-01T20:01:02+08:00","payer":{"sp_openid":"openid-sp","sub_openid":"openid-sub"},"amount":{"total":100}}`
)

var paidAt = time.Date(2026, 3, 1, 12, 1, 2, 0, time.UTC)

func TestQueryAndClose(t *testing.T) {
	ctx := context.Background()
	direct := wx.Transaction{
		Trade: directTrade, AppID: "wxA", OpenID: "openid-1", TransactionID: "4200001",
		State: wx.TradeSuccess, Amount: 100, Currency: "CNY", SuccessTime: paidAt,
	}
	partner := wx.Transaction{
		Trade: partnerTrade, AppID: "wxA", SubAppID: "wxB", OpenID: "openid-sub", TransactionID: "4200001",
		State: wx.TradeSuccess, Amount: 100, Currency: "CNY", SuccessTime: paidAt,
	}
	noSubApp := partner
	noSubApp.SubAppID, noSubApp.OpenID = "", "openid-sp"
	for name, c := range map[string]struct {
		t                           wx.Trade
		answer                      string
		want                        wx.Transaction
		queryURI, closeURI, closing string
	}{
		"direct": {
			directTrade, directPaid, direct, "/v3/pay/transactions/out-trade-no/n-1?mchid=1900000001",
			"/v3/pay/transactions/out-trade-no/n-1/close", `{"mchid":"1900000001"}`,
		},
		"partner": {
			partnerTrade, partnerPaid, partner, "/v3/pay/partner/transactions/out-trade-no/n-1?sp_mchid=1900000100&sub_mchid=1900000109",
			"/v3/pay/partner/transactions/out-trade-no/n-1/close", `{"sp_mchid":"1900000100","sub_mchid":"1900000109"}`,
		},
		"partner, paid in the provider's app": {
			partnerTrade, strings.Replace(partnerPaid, `"sub_appid":"wxB",`, "", 1), noSubApp,
			"/v3/pay/partner/transactions/out-trade-no/n-1?sp_mchid=1900000100&sub_mchid=1900000109",
			"/v3/pay/partner/transactions/out-trade-no/n-1/close", `{"sp_mchid":"1900000100","sub_mchid":"1900000109"}`,
		},
	} {
		p := newPlatform(t)
		p.answer = func(r request) (int, string) {
			if r.method == http.MethodGet {
				return 200, c.answer
			}
			return 204, ""
		}
		g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
		got, err := g.Query(ctx, c.t)
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if err := g.Close(ctx, c.t); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
		seen := p.requests()
		if seen[0].uri != c.queryURI || seen[1].method != "POST" || seen[1].uri != c.closeURI || seen[1].mchid != c.t.MerchantID {
			t.Errorf("%s: %+v", name, seen)
		}
		sameJSON(t, name, seen[1].body, c.closing)
	}
}

func TestCloseOfAClosedTrade(t *testing.T) {
	p := newPlatform(t)
	p.answer = func(request) (int, string) { return 400, `{"code":"ORDER_CLOSED","message":"订单已关闭"}` }
	if err := p.gateway(merchantOf(directID, true)).Close(context.Background(), directTrade); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// A trade that does not fit its merchant is refused by every call, without a call.
func TestTradesOfTheWrongMode(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
	for _, trade := range []wx.Trade{{MerchantID: directID, SubMerchantID: subID}, {MerchantID: providerID}, {MerchantID: "1"}} {
		_, query := g.Query(ctx, trade)
		_, refund := g.Refund(ctx, wx.RefundRequest{Trade: trade})
		_, queryRefund := g.QueryRefund(ctx, trade, "r")
		_, invoke := g.InvokeApp(trade, "wxA", "id")
		for i, err := range []error{query, g.Close(ctx, trade), refund, queryRefund, invoke} {
			if err == nil {
				t.Errorf("%+v: call %d was made", trade, i)
			}
		}
	}
	if n := len(p.requests()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

// spoilFirst spoils the first n answers.
func spoilFirst(n int, how func(*signed)) func(request, *signed) bool {
	return func(_ request, a *signed) bool {
		if n--; n >= 0 {
			how(a)
		}
		return false
	}
}

func header(name, value string) func(*signed) {
	return func(a *signed) { a.header[name] = value }
}

// An answer that does not verify is asked for once more; one that says something else
// than what was asked is not believed although it verifies.
func TestAnswersThatCannotBeBelieved(t *testing.T) {
	probe := header("Wechatpay-Signature", probePrefix+"abc")
	elsewhere := func(from, to string) func(*platform) {
		return func(p *platform) {
			p.answer = func(request) (int, string) { return 200, strings.Replace(directPaid, from, to, 1) }
		}
	}
	for name, c := range map[string]struct {
		times int
		spoil func(*signed)
		with  func(*platform)
		want  error
		calls int
	}{
		"a probe":             {1, probe, nil, nil, 2},
		"probes only":         {9, probe, nil, wx.ErrForged, 2},
		"unsigned":            {9, header("Wechatpay-Signature", ""), nil, wx.ErrForged, 2},
		"no serial":           {9, header("Wechatpay-Serial", ""), nil, wx.ErrForged, 2},
		"another key id":      {9, header("Wechatpay-Serial", "PUB_KEY_ID_1"), nil, wx.ErrForged, 2},
		"another nonce":       {9, header("Wechatpay-Nonce", "x"), nil, wx.ErrForged, 2},
		"altered":             {9, func(a *signed) { a.body = append(a.body, ' ') }, nil, wx.ErrForged, 2},
		"not JSON":            {9, func(a *signed) { a.body = []byte("<html>") }, nil, wx.ErrForged, 2},
		"stale":               {0, nil, func(p *platform) { p.spoil = stale(p) }, wx.ErrForged, 2},
		"cut off":             {9, func(a *signed) { a.header["Content-Length"] = "9999" }, nil, wx.ErrBusy, 1},
		"a bare 502":          {9, func(a *signed) { a.status, a.body, a.header = 502, []byte("<html>"), nil }, nil, wx.ErrBusy, 1},
		"a redirect":          {9, func(a *signed) { a.status, a.header["Location"] = 302, "/" }, nil, wx.ErrBusy, 1},
		"of another number":   {0, nil, elsewhere("n-1", "n-2"), wx.ErrForged, 1},
		"of another merchant": {0, nil, elsewhere(directID, "1900000002"), wx.ErrForged, 1},
		"without a state":     {0, nil, elsewhere("trade_state", "x"), wx.ErrBusy, 1},
		"without any amount":  {0, nil, elsewhere("amount", "x"), wx.ErrBusy, 1},
		"of a service provider": {0, nil, func(p *platform) {
			p.answer = func(request) (int, string) { return 200, partnerPaid }
		}, wx.ErrBusy, 1},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, directPaid }
		p.spoil = spoilFirst(c.times, c.spoil)
		if c.with != nil {
			c.with(p)
		}
		_, err := p.gateway(merchantOf(directID, true)).Query(context.Background(), directTrade)
		if !errors.Is(err, c.want) || len(p.requests()) != c.calls {
			t.Errorf("%s: got %v after %d calls", name, err, len(p.requests()))
		}
	}
}

// stale signs answers as of six minutes ago.
func stale(p *platform) func(request, *signed) bool {
	return func(_ request, a *signed) bool {
		p.clock.advance(-6 * time.Minute)
		a.header = p.headers(keyID, a.body)
		p.clock.advance(6 * time.Minute)
		return false
	}
}

func TestSilence(t *testing.T) {
	p := newPlatform(t)
	p.spoil = func(request, *signed) bool { return true }
	g := p.gateway(merchantOf(directID, true))
	if _, err := g.Query(context.Background(), directTrade); !errors.Is(err, wx.ErrBusy) {
		t.Errorf("connection broken off: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	if _, err := g.Query(ctx, directTrade); !errors.Is(err, wx.ErrTimeout) {
		t.Errorf("out of time: %v", err)
	}
}
