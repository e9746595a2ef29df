package wxpay

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// The bodies that every prepay has, of a direct merchant and of a service provider.
const (
	directBody  = `{"appid":"wxA","mchid":"1900000001","description":"茶 & <点心>","out_trade_no":"n-1","time_expire":"2026-03-01T20:30:00+08:00","attach":"table 4","notify_url":"https://shop.example.com/n","amount":{"total":100,"currency":"CNY"}`
	partnerBody = `{"sp_appid":"wxA","sp_mchid":"1900000100","sub_mchid":"1900000109","description":"茶 & <点心>","out_trade_no":"n-1","time_expire":"2026-03-01T20:30:00+08:00","attach":"table 4","notify_url":"https://shop.example.com/n","amount":{"total":100,"currency":"CNY"}`
	subApp      = `,"sub_appid":"wxB"`
	scene       = `,"scene_info":{"payer_client_ip":"203.0.113.9","h5_info":{"type":"Wap"}}`
)

func prepayOf(t wx.Trade, c wx.Channel, subAppID string) wx.Prepay {
	p := wx.Prepay{
		Trade: t, Channel: c, AppID: "wxA", SubAppID: subAppID, Description: "茶 & <点心>", Attach: "table 4",
		NotifyURL: "https://shop.example.com/n", Amount: 100, Currency: model.CNY, ExpiresAt: begin.Add(30*time.Minute + time.Millisecond),
	}
	switch c {
	case wx.ChannelJSAPI:
		p.OpenID = "openid-1"
	case wx.ChannelH5:
		p.ClientIP = "203.0.113.9"
	}
	return p
}

var (
	directTrade  = wx.Trade{MerchantID: directID, OutTradeNo: "n-1"}
	partnerTrade = wx.Trade{MerchantID: providerID, SubMerchantID: subID, OutTradeNo: "n-1"}
)

const (
	codeURL = "weixin://wxpay/bizpayurl?pr=JyC91EIz1"
	h5URL   = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2014&package=1"
)

// answers is what each channel's prepay answers when all is well.
func answers(r request) (int, string) {
	switch {
	case strings.HasSuffix(r.uri, "/native"):
		return 200, `{"code_url":"` + codeURL + `"}`
	case strings.HasSuffix(r.uri, "/h5"):
		return 200, `{"h5_url":"` + h5URL + `"}`
	}
	return 200, `{"prepay_id":"wx201410272009395522657a690389285100"}`
}

// One golden request for each channel and mode (PROTOCOL §2.1–§2.3; FIELD-NOTES S1).
func TestPrepayRequests(t *testing.T) {
	const prepayID = "wx201410272009395522657a690389285100"
	const direct, partner = "/v3/pay/transactions/", "/v3/pay/partner/transactions/"
	for _, c := range []struct {
		name       string
		p          wx.Prepay
		uri, body  string
		answer     string
		authorised string
	}{
		{"jsapi", prepayOf(directTrade, wx.ChannelJSAPI, ""), direct + "jsapi", directBody + `,"payer":{"openid":"openid-1"}}`, prepayID, directID},
		{"native", prepayOf(directTrade, wx.ChannelNative, ""), direct + "native", directBody + "}", codeURL, directID},
		{"h5", prepayOf(directTrade, wx.ChannelH5, ""), direct + "h5", directBody + scene + "}", h5URL, directID},
		{"app", prepayOf(directTrade, wx.ChannelApp, ""), direct + "app", directBody + "}", prepayID, directID},
		{"partner jsapi", prepayOf(partnerTrade, wx.ChannelJSAPI, ""), partner + "jsapi", partnerBody + `,"payer":{"sp_openid":"openid-1"}}`, prepayID, providerID},
		{"partner native", prepayOf(partnerTrade, wx.ChannelNative, ""), partner + "native", partnerBody + "}", codeURL, providerID},
		{"partner h5", prepayOf(partnerTrade, wx.ChannelH5, ""), partner + "h5", partnerBody + scene + "}", h5URL, providerID},
		{"partner app", prepayOf(partnerTrade, wx.ChannelApp, ""), partner + "app", partnerBody + "}", prepayID, providerID},
		{"sub app jsapi", prepayOf(partnerTrade, wx.ChannelJSAPI, "wxB"), partner + "jsapi", partnerBody + subApp + `,"payer":{"sub_openid":"openid-1"}}`, prepayID, providerID},
		{"sub app native", prepayOf(partnerTrade, wx.ChannelNative, "wxB"), partner + "native", partnerBody + subApp + "}", codeURL, providerID},
		{"sub app h5", prepayOf(partnerTrade, wx.ChannelH5, "wxB"), partner + "h5", partnerBody + subApp + scene + "}", h5URL, providerID},
		{"sub app app", prepayOf(partnerTrade, wx.ChannelApp, "wxB"), partner + "app", partnerBody + subApp + "}", prepayID, providerID},
	} {
		for _, withKey := range []bool{true, false} {
			p := newPlatform(t)
			p.answer = answers
			serial := keyID
			if !withKey {
				p.list(oldSerial, begin.Add(-time.Hour), begin.Add(time.Hour))
				serial = oldSerial
			}
			g := p.gateway(merchantOf(directID, withKey), merchantOf(providerID, withKey))
			got, err := g.Prepay(context.Background(), c.p)
			if err != nil || got != c.answer {
				t.Errorf("%s: got %q, %v", c.name, got, err)
			}
			seen := p.requests()
			if len(seen) != 1 {
				t.Fatalf("%s: %d calls", c.name, len(seen))
			}
			r := seen[0]
			if r.method != "POST" || r.uri != c.uri || r.mchid != c.authorised || r.serial != serial {
				t.Errorf("%s: %s %s by %s, to be signed with %s", c.name, r.method, r.uri, r.mchid, r.serial)
			}
			sameJSON(t, c.name, r.body, c.body)
		}
	}
}

func TestPrepayLeavesOutWhatIsEmpty(t *testing.T) {
	p := newPlatform(t)
	p.answer = answers
	provider := merchantOf(providerID, true)
	provider.AppID = "wxSP"
	q := prepayOf(partnerTrade, wx.ChannelNative, "")
	q.AppID, q.Attach, q.ExpiresAt = "", "", time.Time{}
	if _, err := p.gateway(provider).Prepay(context.Background(), q); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "native", p.requests()[0].body, `{"sp_appid":"wxSP","sp_mchid":"1900000100","sub_mchid":"1900000109","description":"茶 & <点心>","out_trade_no":"n-1","notify_url":"https://shop.example.com/n","amount":{"total":100,"currency":"CNY"}}`)
}

// What cannot be asked is refused without a call.
func TestPrepayRefusesBeforeCalling(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
	invalid := &model.Error{Code: "invalid_input"}
	for name, c := range map[string]struct {
		edit func(*wx.Prepay)
		want error
	}{
		"no such merchant":             {func(q *wx.Prepay) { q.MerchantID = "1" }, wx.ErrMerchantUnknown},
		"provider, no sub merchant":    {func(q *wx.Prepay) { q.MerchantID = providerID }, invalid},
		"direct with a sub merchant":   {func(q *wx.Prepay) { q.SubMerchantID = subID }, invalid},
		"direct with a sub app":        {func(q *wx.Prepay) { q.SubAppID = "wxB" }, invalid},
		"no such channel":              {func(q *wx.Prepay) { q.Channel = "micropay" }, invalid},
		"no channel":                   {func(q *wx.Prepay) { q.Channel = "" }, invalid},
		"jsapi without openid":         {func(q *wx.Prepay) { q.OpenID = "" }, invalid},
		"h5 without client ip":         {func(q *wx.Prepay) { q.Channel = wx.ChannelH5 }, invalid},
		"h5 with a list of client ips": {func(q *wx.Prepay) { q.Channel, q.ClientIP = wx.ChannelH5, "6.6.6.6, 1.2.3.4" }, invalid},
	} {
		q := prepayOf(directTrade, wx.ChannelJSAPI, "")
		c.edit(&q)
		if _, err := g.Prepay(context.Background(), q); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := len(p.requests()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

// What the payer's client would be given is looked at first.
func TestPrepayRefusesUnusableAnswers(t *testing.T) {
	for _, c := range []struct {
		channel wx.Channel
		answer  string
	}{
		{wx.ChannelJSAPI, `{}`},
		{wx.ChannelJSAPI, `{"prepay_id":""}`},
		{wx.ChannelJSAPI, `{"prepay_id":null}`},
		{wx.ChannelJSAPI, `{"prepay_id":"` + strings.Repeat("x", 129) + `"}`},
		{wx.ChannelJSAPI, `{"prepay_id":"a\nb"}`},
		{wx.ChannelApp, `{"prepay_id":"a b"}`},
		{wx.ChannelNative, `{"code_url":"https://evil.example.com/"}`},
		{wx.ChannelNative, `{"prepay_id":"wx1"}`},
		{wx.ChannelNative, `{"code_url":"weixin://` + strings.Repeat("x", 512) + `"}`},
		{wx.ChannelH5, `{"h5_url":"ftp://wx.tenpay.com/x"}`},
		{wx.ChannelH5, `{"h5_url":"https:///x"}`},
		{wx.ChannelH5, `{"h5_url":"javascript:alert(1)"}`},
		{wx.ChannelH5, `{"h5_url":"https://wx.tenpay.com@evil.example.com/"}`},
		{wx.ChannelH5, `{"h5_url":"https://wx.tenpay.com/` + strings.Repeat("x", 512) + `"}`},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, c.answer }
		got, err := p.gateway(merchantOf(directID, true)).Prepay(context.Background(), prepayOf(directTrade, c.channel, ""))
		if !errors.Is(err, wx.ErrBusy) || got != "" {
			t.Errorf("%s %s: got %q, %v", c.channel, c.answer, got, err)
		}
	}
}
