package micropay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

var ctx = context.Background()

// One golden request for each call and mode (PROTOCOL §5).
func TestRequests(t *testing.T) {
	more := fields{
		"body": "茶 & <点心>", "attach": "table ]]> 4", "total_fee": "100", "fee_type": "CNY", "spbill_create_ip": "203.0.113.9",
		"device_info": "till-2", "auth_code": payersCode, "scene_info": `{"store_info":{"id":"S7"}}`,
	}
	for name, c := range map[string]struct {
		trade wx.CodeTrade
		who   fields
	}{
		"direct":  {direct(), fields{"appid": "wxA", "mch_id": directID}},
		"partner": {ofSub(""), fields{"appid": "wxSP", "mch_id": providerID, "sub_mch_id": subID}},
		"sub app": {ofSub("wxB"), fields{"appid": "wxSP", "mch_id": providerID, "sub_mch_id": subID, "sub_appid": "wxB"}},
	} {
		p := newPlatform(t)
		p.answer = func(path string, _ fields) fields {
			return paid(c.trade, fields{"trade_state": "SUCCESS", "recall": "N"})
		}
		g := p.gateway()
		got, err := g.PayCode(ctx, payment(c.trade))
		want := wx.Transaction{
			Trade: c.trade.Trade, AppID: c.trade.AppID, SubAppID: c.trade.SubAppID, OpenID: "o-1", TransactionID: "4200",
			State: wx.TradeSuccess, Amount: 100, Currency: "CNY", SuccessTime: time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC),
		}
		if c.trade.SubAppID != "" {
			want.OpenID = "o-2"
		}
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if got, err := g.QueryCode(ctx, c.trade); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if err := g.ReverseCode(ctx, c.trade); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(p.paths, []string{"/pay/micropay", "/pay/orderquery", "/secapi/pay/reverse"}) {
			t.Fatalf("%s: %v", name, p.paths)
		}
		for i, request := range p.seen {
			want := maps.Clone(c.who)
			want["out_trade_no"], want["sign_type"] = "n-1", "HMAC-SHA256"
			if i == 0 {
				maps.Copy(want, more)
			}
			delete(request, "nonce_str")
			delete(request, "sign")
			if !maps.Equal(request, want) {
				t.Errorf("%s, %s:\n got %v\nwant %v", name, p.paths[i], request, want)
			}
		}
	}
}

func TestWhatIsEmptyIsLeftOut(t *testing.T) {
	p := newPlatform(t)
	p.answer = func(string, fields) fields { return paid(ofSub(""), nil) }
	r := payment(ofSub(""))
	r.AppID, r.Attach, r.StoreID, r.DeviceID, r.DeviceIP = "", "", "", "", ""
	if _, err := p.gateway().PayCode(ctx, r); err != nil {
		t.Fatal(err)
	}
	want := []string{"appid", "auth_code", "body", "fee_type", "mch_id", "nonce_str", "out_trade_no", "sign", "sign_type", "spbill_create_ip", "sub_mch_id", "total_fee"}
	if got := slices.Sorted(maps.Keys(p.seen[0])); !slices.Equal(got, want) || p.seen[0]["spbill_create_ip"] != "127.0.0.1" || p.seen[0]["appid"] != "wxSP" {
		t.Errorf("got %v", p.seen[0])
	}
}

func TestStates(t *testing.T) {
	for _, state := range []wx.TradeState{wx.TradeNotPay, wx.TradeUserPaying, wx.TradeClosed, wx.TradeRevoked, wx.TradePayError, "ACCEPT"} {
		p := newPlatform(t)
		p.answer = func(string, fields) fields {
			return said(direct(), fields{"trade_state": string(state), "trade_state_desc": "x"})
		}
		if got, err := p.gateway().QueryCode(ctx, direct()); err != nil || got != (wx.Transaction{Trade: direct().Trade, AppID: "wxA", State: state}) {
			t.Errorf("%s: got %+v, %v", state, got, err)
		}
	}
	p := newPlatform(t)
	p.answer = func(string, fields) fields {
		return said(direct(), fields{"result_code": "FAIL", "err_code": "USERPAYING", "err_code_des": "需要用户输入支付密码"})
	}
	if got, err := p.gateway().PayCode(ctx, payment(direct())); err != nil || got.State != wx.TradeUserPaying {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	for code, want := range map[string]error{
		"AUTHCODEEXPIRE": wx.ErrAuthCode, "AUTH_CODE_ERROR": wx.ErrAuthCode, "AUTH_CODE_INVALID": wx.ErrAuthCode,
		"NOTENOUGH": wx.ErrPayerCannot, "NOTSUPORTCARD": wx.ErrPayerCannot,
		"ORDERPAID": wx.ErrTradePaid, "ORDERCLOSED": wx.ErrTradeClosed, "ORDERREVERSED": wx.ErrTradeClosed, "OUT_TRADE_NO_USED": wx.ErrTradeDiffers,
		"ORDERNOTEXIST": wx.ErrTradeUnknown, "SYSTEMERROR": wx.ErrBusy, "BANKERROR": wx.ErrBusy, "": wx.ErrBusy,
		"TRADE_ERROR": wx.ErrRejected, "REVERSE_EXPIRE": wx.ErrRejected, "NOAUTH": wx.ErrRejected, "PARAM_ERROR": wx.ErrRejected,
	} {
		p := newPlatform(t)
		p.answer = func(string, fields) fields {
			a := said(direct(), fields{"result_code": "FAIL", "err_code": code, "err_code_des": "说明 " + payersCode, "recall": "N"})
			delete(a, "out_trade_no")
			return a
		}
		g := p.gateway()
		_, pay := g.PayCode(ctx, payment(direct()))
		_, query := g.QueryCode(ctx, direct())
		for _, err := range []error{pay, query, g.ReverseCode(ctx, direct())} {
			if u := model.AsError(err).Upstream; !errors.Is(err, want) || u == nil || u.Code != code || !strings.HasPrefix(u.Message, "说明") {
				t.Errorf("%s: %v", code, err)
			}
		}
		if strings.Contains(pay.Error(), payersCode) {
			t.Errorf("the payer's code is in an error: %v", pay)
		}
	}
}

// recall Y: the call is to be repeated, whatever else is said.
func TestRecall(t *testing.T) {
	for _, more := range []fields{{}, {"result_code": "FAIL", "err_code": "SYSTEMERROR"}, {"result_code": "FAIL", "err_code": "TRADE_ERROR"}, {"result_code": "FAIL", "err_code": "USERPAYING", "recall": "N"}} {
		p := newPlatform(t)
		p.answer = func(string, fields) fields {
			a := said(direct(), fields{"recall": "Y"})
			maps.Copy(a, more)
			return a
		}
		if err := p.gateway().ReverseCode(ctx, direct()); !errors.Is(err, wx.ErrBusy) {
			t.Errorf("%v: got %v", more, err)
		}
	}
}

// What is not signed by WeChat Pay, is about something else, or is not what it ever sends
// is not believed, and never as a refusal.
func TestAnswersThatAreNotBelieved(t *testing.T) {
	for name, c := range map[string]struct {
		change func(fields)
		want   error
	}{
		"no signature":             {func(f fields) { f["sign"] = "-" }, wx.ErrForged},
		"another key":              {func(f fields) { f["sign"] = sign(f, "another") }, wx.ErrForged},
		"lower case":               {func(f fields) { f["sign"] = strings.ToLower(sign(f, key)) }, wx.ErrForged},
		"a field changed after":    {func(f fields) { f["sign"] = sign(f, key); f["total_fee"] = "1" }, wx.ErrForged},
		"an unknown field added":   {func(f fields) { f["sign"] = sign(f, key); f["coupon_id_9"] = "1" }, wx.ErrForged},
		"return_code FAIL":         {func(f fields) { f["return_code"] = "FAIL" }, wx.ErrBusy},
		"no return_code":           {func(f fields) { delete(f, "return_code") }, wx.ErrBusy},
		"a FAIL that says unknown": {func(f fields) { f["return_code"], f["result_code"], f["err_code"] = "FAIL", "FAIL", "ORDERNOTEXIST" }, wx.ErrBusy},
		"another number":           {func(f fields) { f["out_trade_no"] = "n-2" }, wx.ErrForged},
		"no number":                {func(f fields) { delete(f, "out_trade_no") }, wx.ErrForged},
		"another merchant":         {func(f fields) { f["mch_id"] = "1900000002" }, wx.ErrForged},
		"another app":              {func(f fields) { f["appid"] = "wxX" }, wx.ErrForged},
		"a sub merchant's":         {func(f fields) { f["sub_mch_id"] = subID }, wx.ErrForged},
		"another amount":           {func(f fields) { f["total_fee"] = "99" }, wx.ErrForged},
		"no amount":                {func(f fields) { delete(f, "total_fee") }, wx.ErrBusy},
		"nothing":                  {func(f fields) { f["total_fee"] = "0" }, wx.ErrBusy},
		"no transaction_id":        {func(f fields) { delete(f, "transaction_id") }, wx.ErrBusy},
		"no time":                  {func(f fields) { f["time_end"] = "2026-03-01" }, wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(string, fields) fields {
			f := paid(direct(), nil)
			c.change(f)
			return f
		}
		if got, err := p.gateway().PayCode(ctx, payment(direct())); !errors.Is(err, c.want) || got != (wx.Transaction{}) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	good := string(write(fields{"return_code": "SUCCESS"}))
	for name, raw := range map[string]string{
		"nothing": "", "JSON": "{}", "a page": "<html><body>502</body></html>", "cut": good[:len(good)-3], "two": good + good,
		"DOCTYPE":      `<!DOCTYPE xml [<!ENTITY a "b">]>` + good,
		"an entity":    `<xml><a>&a;</a></xml>`,
		"nested":       `<xml><a><b>1</b></a></xml>`,
		"twice":        `<xml><return_code>FAIL</return_code><return_code>SUCCESS</return_code></xml>`,
		"a namespace":  `<xml xmlns:x="y"><x:return_code>SUCCESS</x:return_code></xml>`,
		"a comment":    `<xml><!-- x --><return_code>SUCCESS</return_code></xml>`,
		"not UTF-8":    "<xml><a>\xff</a></xml>",
		"another code": `<?xml version="1.0" encoding="GBK"?>` + good,
		"huge":         "<xml><a>" + strings.Repeat("a", maxAnswer) + "</a></xml>",
	} {
		p := newPlatform(t)
		p.raw = raw
		if _, err := p.gateway().QueryCode(ctx, direct()); !errors.Is(err, wx.ErrForged) || strings.Contains(err.Error(), "502") {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := newPlatform(t)
	p.status, p.raw = 502, good
	if _, err := p.gateway().QueryCode(ctx, direct()); !errors.Is(err, wx.ErrBusy) {
		t.Errorf("got %v", err)
	}
	p = newPlatform(t)
	p.broken = true
	if _, err := p.gateway().PayCode(ctx, payment(direct())); !errors.Is(err, wx.ErrBusy) || strings.Contains(err.Error(), payersCode) || p.calls() != 1 {
		t.Errorf("got %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.gateway().PayCode(ended, payment(direct())); !errors.Is(err, wx.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

func TestWhoseItIs(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway()
	for want, trades := range map[string][]wx.CodeTrade{
		"merchant_unknown": {{Trade: wx.Trade{MerchantID: "1"}}},
		"invalid_input": {
			{Trade: wx.Trade{MerchantID: providerID}}, {Trade: wx.Trade{MerchantID: directID, SubMerchantID: subID}},
			{Trade: wx.Trade{MerchantID: directID}, SubAppID: "wxB"},
		},
	} {
		for _, trade := range trades {
			_, pay := g.PayCode(ctx, payment(trade))
			_, query := g.QueryCode(ctx, trade)
			for _, err := range []error{pay, query, g.ReverseCode(ctx, trade)} {
				if model.CodeOf(err) != want {
					t.Errorf("%+v: %v", trade, err)
				}
			}
		}
	}
	if p.calls() != 0 {
		t.Error("a call was made")
	}
	for _, m := range []Merchant{{}, {ID: "1", Key: key}, {ID: "1", Client: http.DefaultClient}, {Key: key, Client: http.DefaultClient}} {
		if _, err := New([]Merchant{m}); err == nil || strings.Contains(err.Error(), string(key)) {
			t.Errorf("got %v", err)
		}
	}
	if shown := fmt.Sprintf("%+v %#v", Merchant{Key: key}, payment(direct())); strings.Contains(shown, string(key)) || strings.Contains(shown, payersCode) {
		t.Error(shown)
	}
}
