package wxpay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
)

const payersCode = "134567890123456789"

func codePaymentOf(t wx.Trade, subAppID string) wx.CodePayment {
	return wx.CodePayment{
		CodeTrade: wx.CodeTrade{Trade: t, AppID: "wxA", SubAppID: subAppID}, AuthCode: payersCode,
		Description: "茶 & <点心>", Attach: "table 4", Amount: 100, Currency: model.CNY,
		StoreID: "S7", DeviceID: "till-2", DeviceIP: "203.0.113.9",
	}
}

// What codepay answers when it was paid.
const (
	paidDirect  = `{"appid":"wxA","mchid":"1900000001","out_trade_no":"n-1","transaction_id":"4200","trade_type":"MICROPAY","trade_state":"SUCCESS","bank_type":"CMC","success_time":"2026-03-01T20:00:01+08:00","payer":{"openid":"o-1"},"amount":{"total":100,"payer_total":90,"currency":"CNY"}}`
	paidPartner = `{"sp_appid":"wxA","sp_mchid":"1900000100","sub_appid":"wxB","sub_mchid":"1900000109","out_trade_no":"n-1","transaction_id":"4200","trade_state":"SUCCESS","success_time":"2026-03-01T20:00:01+08:00","payer":{"sp_openid":"o-1","sub_openid":"o-2"},"amount":{"total":100,"currency":"CNY"}}`
)

// Golden requests (DOC:4012382150, 4012382161, 4012382179, 4012382181): no notify_url, no
// time_expire, device_ip and not payer_client_ip, a shop always.
func TestCodePayRequests(t *testing.T) {
	const rest = `"description":"茶 & <点心>","out_trade_no":"n-1","attach":"table 4","payer":{"auth_code":"` + payersCode + `"},"amount":{"total":100,"currency":"CNY"},` +
		`"scene_info":{"device_id":"till-2","device_ip":"203.0.113.9","store_info":{"out_id":"S7"}}}`
	const who, whose = `{"sp_appid":"wxA","sp_mchid":"1900000100","sub_mchid":"1900000109"`, `{"appid":"wxA","mchid":"1900000001"`
	bare := codePaymentOf(directTrade, "")
	bare.Attach, bare.StoreID, bare.DeviceID, bare.DeviceIP = "", "", "", ""
	ofSub := codePaymentOf(partnerTrade, "")
	ofSub.StoreID = ""
	for name, c := range map[string]struct {
		p           wx.CodePayment
		path        string
		pay, revert string // bodies
		answer      string
		openID      string
	}{
		"direct":                       {codePaymentOf(directTrade, ""), "/v3/pay/transactions/", whose + "," + rest, whose + "}", paidDirect, "o-1"},
		"bare":                         {bare, "/v3/pay/transactions/", whose + `,"description":"茶 & <点心>","out_trade_no":"n-1","payer":{"auth_code":"` + payersCode + `"},"amount":{"total":100,"currency":"CNY"},"scene_info":{"store_info":{"out_id":"1900000001"}}}`, whose + "}", paidDirect, "o-1"},
		"partner":                      {codePaymentOf(partnerTrade, ""), "/v3/pay/partner/transactions/", who + "," + rest, who + "}", strings.Replace(paidPartner, `"sub_appid":"wxB",`, "", 1), "o-1"},
		"sub app":                      {codePaymentOf(partnerTrade, "wxB"), "/v3/pay/partner/transactions/", who + subApp + "," + rest, who + subApp + "}", paidPartner, "o-2"},
		"a sub merchant without shops": {ofSub, "/v3/pay/partner/transactions/", who + "," + strings.Replace(rest, `"S7"`, `"1900000109"`, 1), who + "}", paidPartner, "o-2"},
	} {
		for _, withKey := range []bool{true, false} {
			p := newPlatform(t)
			p.list(oldSerial, begin.Add(-day), begin.Add(day))
			p.answer = func(r request) (int, string) {
				if strings.HasSuffix(r.uri, "/reverse") {
					return 200, `{"out_trade_no":"n-1"}`
				}
				return 200, c.answer
			}
			g := p.gateway(merchantOf(directID, withKey), merchantOf(providerID, withKey))
			got, err := g.PayCode(context.Background(), c.p)
			if err != nil || got.State != wx.TradeSuccess || got.Trade != c.p.Trade || got.Amount != 100 || got.TransactionID != "4200" || got.OpenID != c.openID {
				t.Errorf("%s: got %+v, %v", name, got, err)
			}
			if err := g.ReverseCode(context.Background(), c.p.CodeTrade); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			seen := p.requests()
			if len(seen) != 2 || seen[0].method != "POST" || seen[0].uri != c.path+"codepay" || seen[1].method != "POST" || seen[1].uri != c.path+"out-trade-no/n-1/reverse" {
				t.Fatalf("%s: %+v", name, seen)
			}
			sameJSON(t, name, seen[0].body, c.pay)
			sameJSON(t, name+", reverse", seen[1].body, c.revert)
		}
	}
}

// The payer is entering a password: however WeChat Pay says it, it is a state and no error.
func TestUserPayingIsUnderstoodInEveryForm(t *testing.T) {
	for _, c := range []struct {
		status int
		answer string
	}{
		{202, `{"code":"USERPAYING","message":"用户支付中，需要输入密码"}`},
		{200, `{"code":"USERPAYING"}`},
		{200, `{"appid":"wxA","mchid":"1900000001","out_trade_no":"n-1","trade_state":"USERPAYING"}`},
		{202, `{"out_trade_no":"n-1","trade_state":"USERPAYING"}`},
		{202, `{"trade_state":"USERPAYING"}`},
		{400, `{"code":"USERPAYING","message":"需要用户输入支付密码"}`},
		{403, `{"code":"USER_PAYING","message":"需要用户输入支付密码"}`},
		{500, `{"code":"USERPAYING","message":""}`},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return c.status, c.answer }
		got, err := p.gateway(merchantOf(directID, true)).PayCode(context.Background(), codePaymentOf(directTrade, ""))
		if want := (wx.Transaction{Trade: directTrade, AppID: "wxA", State: wx.TradeUserPaying}); err != nil || got != want {
			t.Errorf("%d %s: got %+v, %v", c.status, c.answer, got, err)
		}
	}
}

func TestRefusalsOfCodePay(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		text   string
		pay    error
		revert error
	}{
		{400, "AUTHCODEEXPIRE", "101 付款码已过期，请刷新再试", wx.ErrAuthCode, wx.ErrAuthCode},
		{400, "AUTH_CODE_EXPIRE", "", wx.ErrAuthCode, wx.ErrAuthCode},
		{400, "AUTH_CODE_INVALID", "", wx.ErrAuthCode, wx.ErrAuthCode},
		{400, "AUTH_CODE_ERROR", "", wx.ErrAuthCode, wx.ErrAuthCode},
		{400, "PARAM_ERROR", "请扫描微信支付授权码(以10/11/12/13/14/15为前缀的18位数字)", wx.ErrAuthCode, wx.ErrAuthCode},
		{403, "NOT_ENOUGH", "余额不足", wx.ErrPayerCannot, wx.ErrPayerCannot},
		{403, "NOTSUPORTCARD", "", wx.ErrPayerCannot, wx.ErrPayerCannot},
		{400, "INVALID_REQUEST", "余额不足", wx.ErrPayerCannot, wx.ErrPayerCannot},
		{400, "ORDERPAID", "", wx.ErrTradePaid, wx.ErrTradePaid},
		{400, "INVALID_REQUEST", "该订单已支付", wx.ErrTradePaid, wx.ErrTradePaid},
		{400, "ORDER_CLOSED", "", wx.ErrTradeClosed, wx.ErrTradeClosed},
		{400, "ORDERREVERSED", "当前订单已经被撤销", wx.ErrTradeClosed, wx.ErrTradeClosed},
		{403, "OUT_TRADE_NO_USED", "商户订单号重复", wx.ErrTradeDiffers, wx.ErrTradeDiffers},
		{404, "ORDER_NOT_EXIST", "", wx.ErrTradeUnknown, wx.ErrTradeUnknown},
		{403, "NO_AUTH", "商户号未开通付款码支付权限", wx.ErrRejected, wx.ErrRejected},
		{400, "TRADE_ERROR", "用户没有输入支付密码", wx.ErrPayerCannot, wx.ErrPayerCannot},
		{400, "PARAM_ERROR", "", wx.ErrRejected, wx.ErrRejected},
		{429, "FREQUENCY_LIMITED", "", wx.ErrRateLimited, wx.ErrRateLimited},
		{429, "RATELIMIT_EXCEED", "", wx.ErrRateLimited, wx.ErrRateLimited},
		{500, "SYSTEM_ERROR", "", wx.ErrBusy, wx.ErrBusy},
		{500, "BANK_ERROR", "", wx.ErrBusy, wx.ErrBusy},
		{400, "SYSTEMERROR", "", wx.ErrBusy, wx.ErrBusy},
		{503, "WHATEVER", "", wx.ErrBusy, wx.ErrBusy},
		{403, "", "", wx.ErrBusy, wx.ErrBusy}, // something in between: WeChat Pay may have charged
		{302, "", "", wx.ErrBusy, wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) {
			return c.status, fmt.Sprintf(`{"code":%q,"message":%q}`, c.code, c.text+payersCode)
		}
		g := p.gateway(merchantOf(directID, true))
		_, err := g.PayCode(context.Background(), codePaymentOf(directTrade, ""))
		if !errors.Is(err, c.pay) || strings.Contains(err.Error(), payersCode) || model.AsError(err).Upstream == nil {
			t.Errorf("%d %s %s: %v", c.status, c.code, c.text, err)
		}
		if err := g.ReverseCode(context.Background(), wx.CodeTrade{Trade: directTrade, AppID: "wxA"}); !errors.Is(err, c.revert) {
			t.Errorf("reverse: %d %s %s: %v", c.status, c.code, c.text, err)
		}
	}
}

// What does not verify, is about something else or says nothing is not believed.
func TestCodePayAnswersThatAreNotBelieved(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"not JSON":            {`<html>`, wx.ErrBusy},
		"nothing":             {`{}`, wx.ErrBusy},
		"another number":      {strings.Replace(paidDirect, "n-1", "n-2", 1), wx.ErrForged},
		"another merchant":    {strings.Replace(paidDirect, directID, "1900000002", 1), wx.ErrForged},
		"paying, another":     {`{"out_trade_no":"n-2","trade_state":"USERPAYING"}`, wx.ErrForged},
		"paid nothing":        {strings.Replace(paidDirect, `"total":100`, `"total":0`, 1), wx.ErrBusy},
		"no transaction_id":   {strings.Replace(paidDirect, `"transaction_id":"4200",`, "", 1), wx.ErrBusy},
		"a state that is not": {`{"trade_state":7}`, wx.ErrBusy},
		"a code of no use":    {`{"code":"ACCEPTED"}`, wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, c.answer }
		if got, err := p.gateway(merchantOf(directID, true)).PayCode(context.Background(), codePaymentOf(directTrade, "")); !errors.Is(err, c.want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	for answer, want := range map[string]error{"": nil, `{}`: nil, `{"out_trade_no":"n-2"}`: wx.ErrForged, "<": wx.ErrBusy} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, answer }
		err := p.gateway(merchantOf(directID, true)).ReverseCode(context.Background(), wx.CodeTrade{Trade: directTrade, AppID: "wxA"})
		if want == nil && err != nil || !errors.Is(err, want) {
			t.Errorf("reverse answers %q: %v", answer, err)
		}
	}
}

// The answer to a charge does not verify (a probe, or a forgery): the code is not charged
// again; the number is asked about.
func TestACodeIsSentOnceWhateverTheAnswer(t *testing.T) {
	for _, queryToo := range []bool{false, true} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, paidDirect }
		p.spoil = func(r request, a *signed) bool {
			if strings.HasSuffix(r.uri, "/codepay") || queryToo {
				a.header["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + a.header["Wechatpay-Signature"]
			}
			return false
		}
		got, err := p.gateway(merchantOf(directID, true)).PayCode(context.Background(), codePaymentOf(directTrade, ""))
		if queryToo != errors.Is(err, wx.ErrForged) || !queryToo && (err != nil || got.State != wx.TradeSuccess) {
			t.Errorf("got %+v, %v", got, err)
		}
		charges := 0
		for _, r := range p.requests() {
			if strings.HasSuffix(r.uri, "/codepay") {
				charges++
			}
		}
		if charges != 1 {
			t.Errorf("the code was sent %d times", charges)
		}
	}
	p := newPlatform(t)
	p.spoil = func(request, *signed) bool { return true } // broken off
	if _, err := p.gateway(merchantOf(directID, true)).PayCode(context.Background(), codePaymentOf(directTrade, "")); !errors.Is(err, wx.ErrBusy) && !errors.Is(err, wx.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if n := len(p.requests()); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// A reversal may be repeated: a probed answer is asked for once more.
func TestAProbedReversalIsRepeated(t *testing.T) {
	p := newPlatform(t)
	p.answer = func(request) (int, string) { return 200, `{"out_trade_no":"n-1"}` }
	p.spoil = func(_ request, a *signed) bool {
		if len(p.seen) == 1 {
			a.header["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + a.header["Wechatpay-Signature"]
		}
		return false
	}
	err := p.gateway(merchantOf(directID, true)).ReverseCode(context.Background(), wx.CodeTrade{Trade: directTrade, AppID: "wxA"})
	if n := len(p.requests()); err != nil || n != 2 {
		t.Errorf("%d calls, %v", n, err)
	}
}

func TestCodePayChecksWhoseItIs(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
	for _, trade := range []wx.Trade{{MerchantID: "1"}, {MerchantID: providerID}, {MerchantID: directID, SubMerchantID: subID}} {
		_, pay := g.PayCode(context.Background(), codePaymentOf(trade, ""))
		for _, err := range []error{pay, g.ReverseCode(context.Background(), wx.CodeTrade{Trade: trade})} {
			if !errors.Is(err, wx.ErrMerchantUnknown) && model.CodeOf(err) != "invalid_input" {
				t.Errorf("%+v: %v", trade, err)
			}
		}
	}
	if len(p.requests()) != 0 {
		t.Error("a call was made")
	}
}
