package wxpay

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// combined is a combined prepay of two orders; of a service provider its two sub merchants'.
func combined(merchantID string, c wx.Channel, subAppID string) wx.CombinedPrepay {
	p := wx.CombinedPrepay{
		CombinedTrade: wx.CombinedTrade{MerchantID: merchantID, AppID: "wxA", SubAppID: subAppID, OutTradeNo: "combined-1"},
		Channel:       c, NotifyURL: "https://shop.example.com/n", ExpiresAt: begin.Add(30*time.Minute + time.Millisecond),
		Parts: []wx.CombinedPart{
			{Trade: wx.Trade{MerchantID: merchantID, OutTradeNo: "n-1"}, Description: "茶 & <点心>", Attach: "table 4", Amount: 100, Currency: model.CNY},
			{Trade: wx.Trade{MerchantID: merchantID, OutTradeNo: "n-2"}, Description: "cup", Attach: "x", Amount: 2, Currency: model.CNY, ProfitSharing: true},
		},
	}
	if merchantID == providerID {
		p.Parts[0].SubMerchantID, p.Parts[1].SubMerchantID = subID, "1900000110"
	}
	switch c {
	case wx.ChannelJSAPI:
		p.OpenID = "openid-1"
	case wx.ChannelH5:
		p.ClientIP = "203.0.113.9"
	}
	return p
}

// combinedBody is the request of combined, with what a channel adds; subs are added to each sub order.
func combinedBody(merchantID, sub1, sub2, more string) string {
	return `{"combine_appid":"wxA","combine_mchid":"` + merchantID + `","combine_out_trade_no":"combined-1","notify_url":"https://shop.example.com/n","time_expire":"2026-03-01T20:30:00+08:00","sub_orders":[` +
		`{"mchid":"` + merchantID + `"` + sub1 + `,"out_trade_no":"n-1","attach":"table 4","description":"茶 & <点心>","amount":{"total_amount":100,"currency":"CNY"}},` +
		`{"mchid":"` + merchantID + `"` + sub2 + `,"out_trade_no":"n-2","attach":"x","description":"cup","amount":{"total_amount":2,"currency":"CNY"},"settle_info":{"profit_sharing":true}}]` + more + `}`
}

// One golden request for each channel and mode (PROTOCOL §2.5).
func TestCombinedPrepayRequests(t *testing.T) {
	const prepayID = "wx201410272009395522657a690389285100"
	given := map[wx.Channel]string{wx.ChannelJSAPI: prepayID, wx.ChannelApp: prepayID, wx.ChannelNative: codeURL, wx.ChannelH5: h5URL}
	for _, mode := range []struct{ name, merchant, subAppID, sub1, sub2, payer string }{
		{"direct", directID, "", "", "", `"openid"`},
		{"partner", providerID, "", `,"sub_mchid":"1900000109"`, `,"sub_mchid":"1900000110"`, `"openid"`},
		{"sub app", providerID, "wxB", `,"sub_mchid":"1900000109","sub_appid":"wxB"`, `,"sub_mchid":"1900000110","sub_appid":"wxB"`, `"sub_openid"`},
	} {
		for channel, more := range map[wx.Channel]string{
			wx.ChannelJSAPI: `,"combine_payer_info":{` + mode.payer + `:"openid-1"}`, wx.ChannelApp: "", wx.ChannelNative: "", wx.ChannelH5: scene,
		} {
			for _, withKey := range []bool{true, false} {
				name := mode.name + " " + string(channel)
				p := newPlatform(t)
				p.answer = answers
				p.list(oldSerial, begin.Add(-time.Hour), begin.Add(time.Hour))
				got, err := p.gateway(merchantOf(directID, withKey), merchantOf(providerID, withKey)).PrepayCombined(context.Background(), combined(mode.merchant, channel, mode.subAppID))
				if err != nil || got != given[channel] {
					t.Errorf("%s: got %q, %v", name, got, err)
				}
				seen := p.requests()
				if len(seen) != 1 {
					t.Fatalf("%s: %d calls", name, len(seen))
				}
				if r := seen[0]; r.method != "POST" || r.uri != "/v3/combine-transactions/"+string(channel) || r.mchid != mode.merchant {
					t.Errorf("%s: %s %s by %s", name, r.method, r.uri, r.mchid)
				}
				sameJSON(t, name, seen[0].body, combinedBody(mode.merchant, mode.sub1, mode.sub2, more))
			}
		}
	}
}

func TestCombinedPrepayTakesTheAppOfTheProvider(t *testing.T) {
	p := newPlatform(t)
	p.answer = answers
	provider := merchantOf(providerID, true)
	provider.AppID = "wxSP"
	q := combined(providerID, wx.ChannelNative, "")
	q.AppID, q.ExpiresAt = "", time.Time{}
	if _, err := p.gateway(provider).PrepayCombined(context.Background(), q); err != nil {
		t.Fatal(err)
	}
	if body := p.requests()[0].body; !strings.Contains(body, `"combine_appid":"wxSP"`) || strings.Contains(body, "time_expire") {
		t.Error(body)
	}
}

// What cannot be asked is refused without a call.
func TestCombinedPrepayRefusesBeforeCalling(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
	invalid := &model.Error{Code: "invalid_input"}
	many := make([]wx.CombinedPart, 11)
	for i := range many {
		many[i] = combined(directID, wx.ChannelNative, "").Parts[0]
	}
	for name, c := range map[string]struct {
		merchant string
		edit     func(*wx.CombinedPrepay)
		want     error
	}{
		"no such merchant":                   {directID, func(q *wx.CombinedPrepay) { q.MerchantID = "1" }, wx.ErrMerchantUnknown},
		"one order":                          {directID, func(q *wx.CombinedPrepay) { q.Parts = q.Parts[:1] }, invalid},
		"no order":                           {directID, func(q *wx.CombinedPrepay) { q.Parts = nil }, invalid},
		"eleven orders":                      {directID, func(q *wx.CombinedPrepay) { q.Parts = many }, invalid},
		"another merchant's order":           {directID, func(q *wx.CombinedPrepay) { q.Parts[1].MerchantID = providerID }, invalid},
		"direct with a sub merchant":         {directID, func(q *wx.CombinedPrepay) { q.Parts[1].SubMerchantID = subID }, invalid},
		"direct with a sub app":              {directID, func(q *wx.CombinedPrepay) { q.SubAppID = "wxB" }, invalid},
		"provider, one without sub merchant": {providerID, func(q *wx.CombinedPrepay) { q.Parts[1].SubMerchantID = "" }, invalid},
		"no attach":                          {directID, func(q *wx.CombinedPrepay) { q.Parts[1].Attach = "" }, invalid},
		"no such channel":                    {directID, func(q *wx.CombinedPrepay) { q.Channel = "codepay" }, invalid},
		"jsapi without openid":               {directID, func(q *wx.CombinedPrepay) { q.OpenID = "" }, invalid},
		"h5 without client ip":               {directID, func(q *wx.CombinedPrepay) { q.Channel = wx.ChannelH5 }, invalid},
	} {
		q := combined(c.merchant, wx.ChannelJSAPI, "")
		c.edit(&q)
		if _, err := g.PrepayCombined(context.Background(), q); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := len(p.requests()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

// What combined payments say, of a direct merchant and of a service provider.
const (
	directCombined = `{"combine_appid":"wxA","combine_mchid":"1900000001","combine_out_trade_no":"combined-1","combine_payer_info":{"openid":"openid-1"},"sub_orders":[` +
		`{"mchid":"1900000001","out_trade_no":"n-1","transaction_id":"4200001","trade_type":"JSAPI","trade_state":"SUCCESS","success_time":"2026-03-01T20:01:02.120+08:00","amount":{"total_amount":100,"payer_amount":90,"currency":"CNY"}},` +
		`{"mchid":"1900000001","out_trade_no":"n-2","transaction_id":"4200002","trade_state":"SUCCESS","success_time":"2026-03-01T20:01:02+08:00","amount":{"total_amount":2,"currency":"CNY"}}]}`
	partnerCombined = `{"combine_appid":"wxA","combine_mchid":"1900000100","combine_out_trade_no":"combined-1","combine_payer_info":{"openid":"openid-sp"},"sub_orders":[` +
		`{"mchid":"1900000100","sub_mchid":"1900000109","sub_appid":"wxB","sub_openid":"openid-sub","out_trade_no":"n-1","transaction_id":"4200001","trade_state":"SUCCESS","success_time":"2026-03-01T20:01:02+08:00","amount":{"total_amount":100}},` +
		`{"mchid":"1900000100","sub_mchid":"1900000110","out_trade_no":"n-2","transaction_id":"","trade_state":"NOTPAY","success_time":"","amount":{"total_amount":2,"currency":"CNY"}}]}`
)

// saidOf are these statements as they are read.
func saidOf(merchantID string) wx.CombinedTransaction {
	one := wx.Transaction{Trade: wx.Trade{MerchantID: merchantID, OutTradeNo: "n-1"}, AppID: "wxA", TransactionID: "4200001", State: wx.TradeSuccess, Amount: 100, Currency: "CNY"}
	two := wx.Transaction{Trade: wx.Trade{MerchantID: merchantID, OutTradeNo: "n-2"}, AppID: "wxA", State: wx.TradeNotPay, Amount: 2, Currency: "CNY"}
	one.SuccessTime = paidAt
	if merchantID == directID {
		one.OpenID, one.SuccessTime = "openid-1", paidAt.Add(120*time.Millisecond)
		two.OpenID, two.TransactionID, two.State, two.SuccessTime = "openid-1", "4200002", wx.TradeSuccess, paidAt
	} else {
		one.SubMerchantID, one.SubAppID, one.OpenID = subID, "wxB", "openid-sub"
		two.SubMerchantID, two.OpenID = "1900000110", "openid-sp"
	}
	return wx.CombinedTransaction{MerchantID: merchantID, OutTradeNo: "combined-1", Parts: []wx.Transaction{one, two}}
}

func TestQueryAndCloseCombined(t *testing.T) {
	for _, c := range []struct{ merchant, subApp, answer, closing string }{
		{directID, "", directCombined, `{"combine_appid":"wxA","sub_orders":[{"mchid":"1900000001","out_trade_no":"n-1"},{"mchid":"1900000001","out_trade_no":"n-2"}]}`},
		{providerID, "", partnerCombined, `{"combine_appid":"wxA","sub_orders":[{"mchid":"1900000100","sub_mchid":"1900000109","out_trade_no":"n-1"},{"mchid":"1900000100","sub_mchid":"1900000110","out_trade_no":"n-2"}]}`},
		{providerID, "wxB", partnerCombined, `{"combine_appid":"wxA","sub_orders":[{"mchid":"1900000100","sub_mchid":"1900000109","sub_appid":"wxB","out_trade_no":"n-1"},{"mchid":"1900000100","sub_mchid":"1900000110","sub_appid":"wxB","out_trade_no":"n-2"}]}`},
	} {
		p := newPlatform(t)
		p.answer = func(r request) (int, string) {
			if r.method == "GET" {
				return 200, c.answer
			}
			return 204, ""
		}
		g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
		got, err := g.QueryCombined(context.Background(), c.merchant, "combined-1")
		if err != nil || !reflect.DeepEqual(got, saidOf(c.merchant)) {
			t.Errorf("%s: got %+v, %v", c.merchant, got, err)
		}
		q := combined(c.merchant, wx.ChannelNative, c.subApp)
		if err := g.CloseCombined(context.Background(), q.CombinedTrade, []wx.Trade{q.Parts[0].Trade, q.Parts[1].Trade}); err != nil {
			t.Errorf("%s: close: %v", c.merchant, err)
		}
		seen := p.requests()
		const uri = "/v3/combine-transactions/out-trade-no/combined-1"
		if seen[0].uri != uri || seen[1].method != "POST" || seen[1].uri != uri+"/close" || seen[1].mchid != c.merchant {
			t.Errorf("%s: %+v", c.merchant, seen)
		}
		sameJSON(t, c.merchant, seen[1].body, c.closing)
	}
}

func TestCombinedRefusals(t *testing.T) {
	for _, c := range []struct {
		status                int
		body                  string
		prepay, query, closed error
	}{
		{404, `{"code":"ORDER_NOT_EXIST","message":"订单不存在"}`, wx.ErrTradeUnknown, wx.ErrTradeUnknown, wx.ErrTradeUnknown},
		{400, `{"code":"ORDERPAID","message":"订单已支付"}`, wx.ErrTradePaid, wx.ErrTradePaid, wx.ErrTradePaid},
		{400, `{"code":"ORDER_CLOSED","message":"该订单已关闭"}`, wx.ErrTradeClosed, wx.ErrTradeClosed, nil},
		{400, `{"code":"INVALID_REQUEST","message":"请求重入时，参数与首次请求时不一致"}`, wx.ErrTradeDiffers, wx.ErrTradeDiffers, wx.ErrTradeDiffers},
		{400, `{"code":"INVALID_REQUEST","message":"关单子单信息与下单时不一致"}`, wx.ErrRejected, wx.ErrRejected, wx.ErrRejected},
		{500, `{"code":"SYSTEM_ERROR","message":"系统异常"}`, wx.ErrBusy, wx.ErrBusy, wx.ErrBusy},
		{429, `{"code":"FREQUENCY_LIMITED","message":"频率超限"}`, wx.ErrRateLimited, wx.ErrRateLimited, wx.ErrRateLimited},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return c.status, c.body }
		g, q := p.gateway(merchantOf(directID, true)), combined(directID, wx.ChannelNative, "")
		if _, err := g.PrepayCombined(context.Background(), q); !errors.Is(err, c.prepay) {
			t.Errorf("%s: prepay: %v", c.body, err)
		}
		if _, err := g.QueryCombined(context.Background(), directID, "combined-1"); !errors.Is(err, c.query) {
			t.Errorf("%s: query: %v", c.body, err)
		}
		if err := g.CloseCombined(context.Background(), q.CombinedTrade, []wx.Trade{q.Parts[0].Trade}); !errors.Is(err, c.closed) {
			t.Errorf("%s: close: %v", c.body, err)
		}
	}
}

// A signature does not cover what was asked.
func TestQueryCombinedRefusesAnotherAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		want     error
	}{
		"another number":      {`"combine_out_trade_no":"combined-1"`, `"combine_out_trade_no":"combined-2"`, wx.ErrForged},
		"another merchant":    {`"combine_mchid":"1900000001"`, `"combine_mchid":"1900000002"`, wx.ErrForged},
		"no number":           {`"combine_out_trade_no":"combined-1",`, ``, wx.ErrBusy},
		"no app":              {`"combine_appid":"wxA",`, ``, wx.ErrBusy},
		"no sub order":        {`"sub_orders":[`, `"sub_orders":[],"x":[`, wx.ErrBusy},
		"a nameless order":    {`"out_trade_no":"n-2",`, ``, wx.ErrBusy},
		"no merchant":         {`{"mchid":"1900000001","out_trade_no":"n-2"`, `{"out_trade_no":"n-2"`, wx.ErrBusy},
		"a sub merchant":      {`"out_trade_no":"n-2",`, `"out_trade_no":"n-2","sub_mchid":"1",`, wx.ErrBusy},
		"no transaction id":   {`"transaction_id":"4200002",`, ``, wx.ErrBusy},
		"no amount":           {`"total_amount":2`, `"total":2`, wx.ErrBusy},
		"no time":             {`"success_time":"2026-03-01T20:01:02+08:00"`, `"x":1`, wx.ErrBusy},
		"no JSON":             {`{"combine_appid"`, `{combine_appid`, wx.ErrBusy},
		"no state of a order": {`"trade_state":"SUCCESS","success_time":"2026-03-01T20:01:02+08:00"`, `"x":1`, wx.ErrBusy},
	} {
		if !strings.Contains(directCombined, c.old) {
			t.Fatalf("%s changes nothing", name)
		}
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, strings.Replace(directCombined, c.old, c.new, 1) }
		if got, err := p.gateway(merchantOf(directID, true)).QueryCombined(context.Background(), directID, "combined-1"); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestOpenReadsCombinedPayments(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
	for merchant, resource := range map[string]string{directID: directCombined, providerID: partnerCombined} {
		body := notice(t, "TRANSACTION.SUCCESS", "transaction", resource)
		n, err := g.Open(context.Background(), merchant, p.notify(keyID, body), body)
		if err != nil || n.Transaction != nil || n.Combined == nil || !reflect.DeepEqual(*n.Combined, saidOf(merchant)) {
			t.Errorf("%s: %+v, %v", merchant, n.Combined, err)
		}
	}
	for name, resource := range map[string]string{
		"a direct merchant's to a provider": directCombined, "no sub orders": `{"combine_mchid":"1900000100"}`, "a number": `{"combine_mchid":1}`,
	} {
		body := notice(t, "TRANSACTION.SUCCESS", "transaction", resource)
		if n, err := g.Open(context.Background(), providerID, p.notify(keyID, body), body); !errors.Is(err, wx.ErrNotificationMalformed) {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
}

func TestInvokeCombinedApp(t *testing.T) {
	p := newPlatform(t)
	got, err := p.gateway(merchantOf(providerID, true)).InvokeCombinedApp(providerID, "wxB", "wx1")
	if err != nil || got.PartnerID != providerID || got.AppID != "wxB" || got.PrepayID != "wx1" || got.Package != "Sign=WXPay" {
		t.Errorf("%+v, %v", got, err)
	}
	if !signedBy(&keys().merchant.PublicKey, got.AppID+"\n"+got.Timestamp+"\n"+got.NonceStr+"\nwx1\n", got.Sign) {
		t.Error("the signature is wrong")
	}
	if _, err := p.gateway().InvokeCombinedApp("1", "wxB", "wx1"); !errors.Is(err, wx.ErrMerchantUnknown) {
		t.Error(err)
	}
}
