package wxpay

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/model"
	"wxhub/wx"
)

const (
	sharingAnswer = `{"transaction_id":"4200001","out_order_no":"s-1","order_id":"3008","state":"FINISHED","receivers":[` +
		`{"type":"MERCHANT_ID","account":"1900000109","amount":30,"description":"part","result":"SUCCESS","detail_id":"36011","create_time":"2026-03-01T20:05:00+08:00","finish_time":"2026-03-01T20:05:02+08:00"},` +
		`{"type":"PERSONAL_OPENID","account":"openid-9","amount":5,"description":"tip","result":"CLOSED","fail_reason":"NO_RELATION","detail_id":"36012","create_time":"2026-03-01T20:05:00+08:00","finish_time":"1970-01-01T08:00:00+08:00"}]}`
	returnAnswer = `{"order_id":"3008","out_order_no":"s-1","out_return_no":"b-1","return_id":"3009","return_mchid":"1900000109","amount":10,"description":"back","result":"PROCESSING","create_time":"2026-03-01T20:05:00+08:00","finish_time":"1970-01-01T08:00:00+08:00"}`
	secretName   = "张三丰"
)

func sharingOfTrade(t wx.Trade) wx.ProfitSharing {
	s := wx.ProfitSharing{
		MerchantID: t.MerchantID, SubMerchantID: t.SubMerchantID, AppID: "wxA", TransactionID: "4200001", OutOrderNo: "s-1", UnfreezeUnsplit: true,
		Receivers: []wx.ProfitPart{
			{Type: "MERCHANT_ID", Account: "1900000109", Amount: 30, Description: "part"},
			{Type: "PERSONAL_OPENID", Account: "openid-9", Name: secretName, Amount: 5, Description: "tip"},
		},
	}
	if t.SubMerchantID != "" {
		s.SubAppID = "wxB"
	}
	return s
}

func returnOfTrade(t wx.Trade) wx.ProfitReturn {
	return wx.ProfitReturn{
		MerchantID: t.MerchantID, SubMerchantID: t.SubMerchantID, OutOrderNo: "s-1", OutReturnNo: "b-1", From: "1900000109", Amount: 10, Description: "back",
	}
}

// opened replaces the encrypted fields of a body by what the named key decrypts, so that a
// golden body can be compared; what is not encrypted fails.
func opened(t *testing.T, p *platform, r request, fields ...string) string {
	t.Helper()
	body := r.body
	for _, field := range fields {
		_, rest, found := strings.Cut(body, `"`+field+`":"`)
		sealed, _, _ := strings.Cut(rest, `"`)
		plain, err := utils.DecryptOAEP(sealed, p.keys[r.serial])
		if !found || err != nil {
			t.Errorf("%s is not encrypted with %s: %v in %s", field, r.serial, err, r.body)
		}
		body = strings.Replace(body, sealed, plain, 1)
	}
	return body
}

func TestProfitSharingRequests(t *testing.T) {
	ctx := context.Background()
	const parts = `"receivers":[{"type":"MERCHANT_ID","account":"1900000109","amount":30,"description":"part"},{"type":"PERSONAL_OPENID","account":"openid-9","name":"张三丰","amount":5,"description":"tip"}]`
	for _, withKey := range []bool{true, false} {
		for _, c := range []struct {
			t               wx.Trade
			who, app, query string
			returns         string
		}{
			{directTrade, ``, `"appid":"wxA",`, "?transaction_id=4200001", "?out_order_no=s-1"},
			{partnerTrade, `"sub_mchid":"1900000109",`, `"appid":"wxA","sub_appid":"wxB",`, "?sub_mchid=1900000109&transaction_id=4200001", "?out_order_no=s-1&sub_mchid=1900000109"},
		} {
			p := newPlatform(t)
			p.list(oldSerial, begin.Add(-day), begin.Add(day))
			p.answer = func(r request) (int, string) {
				switch {
				case strings.Contains(r.uri, "/return-orders"):
					return 200, returnAnswer
				case strings.Contains(r.uri, "/amounts"):
					return 200, `{"transaction_id":"4200001","unsplit_amount":65}`
				}
				return 200, sharingAnswer
			}
			g := p.gateway(merchantOf(directID, withKey), merchantOf(providerID, withKey))
			want := wx.ProfitSharingState{
				OutOrderNo: "s-1", TransactionID: "4200001", OrderID: "3008", Finished: true,
				Parts: []wx.ProfitPartState{
					{Type: "MERCHANT_ID", Account: "1900000109", Amount: 30, Result: wx.ProfitSuccess, DetailID: "36011"},
					{Type: "PERSONAL_OPENID", Account: "openid-9", Amount: 5, Result: wx.ProfitClosed, FailReason: "NO_RELATION", DetailID: "36012"},
				},
			}
			unfreeze := sharingOfTrade(c.t)
			unfreeze.Receivers, unfreeze.Description = nil, "rest"
			for _, s := range []wx.ProfitSharing{sharingOfTrade(c.t), unfreeze} {
				if got, err := g.ShareProfit(ctx, s); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("got %+v, %v", got, err)
				}
			}
			if got, err := g.QueryProfitSharing(ctx, c.t, "4200001", "s-1"); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v", got, err)
			}
			wantReturn := wx.ProfitReturnState{OutOrderNo: "s-1", OutReturnNo: "b-1", ReturnID: "3009", From: "1900000109", Amount: 10, Status: wx.ProfitReturnProcessing}
			if got, err := g.ReturnProfit(ctx, returnOfTrade(c.t)); err != nil || got != wantReturn {
				t.Errorf("got %+v, %v", got, err)
			}
			if got, err := g.QueryProfitReturn(ctx, returnOfTrade(c.t)); err != nil || got != wantReturn {
				t.Errorf("got %+v, %v", got, err)
			}
			if got, err := g.UnsplitAmount(ctx, c.t, "4200001"); err != nil || got != 65 {
				t.Errorf("got %d, %v", got, err)
			}
			seen := p.requests()
			for i, want := range []string{
				"POST /v3/profitsharing/orders", "POST /v3/profitsharing/orders/unfreeze", "GET /v3/profitsharing/orders/s-1" + c.query,
				"POST /v3/profitsharing/return-orders", "GET /v3/profitsharing/return-orders/b-1" + c.returns, "GET /v3/profitsharing/transactions/4200001/amounts",
			} {
				if got := seen[i].method + " " + seen[i].uri; got != want || seen[i].mchid != c.t.MerchantID {
					t.Errorf("got %s by %s, want %s", got, seen[i].mchid, want)
				}
			}
			sameJSON(t, "order", opened(t, p, seen[0], "name"), `{`+c.who+c.app+`"transaction_id":"4200001","out_order_no":"s-1","unfreeze_unsplit":true,`+parts+`}`)
			sameJSON(t, "unfreeze", seen[1].body, `{`+c.who+`"transaction_id":"4200001","out_order_no":"s-1","description":"rest"}`)
			sameJSON(t, "return", seen[3].body, `{`+c.who+`"out_order_no":"s-1","out_return_no":"b-1","return_mchid":"1900000109","amount":10,"description":"back"}`)
		}
	}
}

func TestReceiverRequests(t *testing.T) {
	ctx := context.Background()
	p := newPlatform(t)
	p.answer = func(r request) (int, string) {
		return 200, `{"type":"PERSONAL_SUB_OPENID","account":"openid-9","relation_type":"CUSTOM","custom_relation":"友","name":"` + strings.Repeat("A", 344) + `"}`
	}
	provider := merchantOf(providerID, true)
	provider.AppID = "wxSP"
	g := p.gateway(merchantOf(directID, true), provider)
	direct := wx.Receiver{MerchantID: directID, AppID: "wxA", Type: "MERCHANT_ID", Account: "1900000109", Name: secretName, Relation: "STORE"}
	partner := wx.Receiver{
		MerchantID: providerID, SubMerchantID: subID, AppID: "ignored", SubAppID: "wxB", Type: "PERSONAL_SUB_OPENID", Account: "openid-9",
		Relation: "CUSTOM", CustomRelation: "友",
	}
	for _, r := range []wx.Receiver{direct, partner} {
		if err := errors.Join(g.AddReceiver(ctx, r), g.DeleteReceiver(ctx, r)); err != nil {
			t.Error(err)
		}
	}
	seen := p.requests()
	if seen[0].uri != "/v3/profitsharing/receivers/add" || seen[1].uri != "/v3/profitsharing/receivers/delete" {
		t.Errorf("%+v", seen)
	}
	sameJSON(t, "add", opened(t, p, seen[0], "name"), `{"appid":"wxA","type":"MERCHANT_ID","account":"1900000109","name":"张三丰","relation_type":"STORE"}`)
	sameJSON(t, "delete", seen[1].body, `{"appid":"wxA","type":"MERCHANT_ID","account":"1900000109"}`)
	sameJSON(t, "partner add", seen[2].body, `{"appid":"wxSP","sub_appid":"wxB","sub_mchid":"1900000109","type":"PERSONAL_SUB_OPENID","account":"openid-9","relation_type":"CUSTOM","custom_relation":"友"}`)
	sameJSON(t, "partner delete", seen[3].body, `{"appid":"wxSP","sub_appid":"wxB","sub_mchid":"1900000109","type":"PERSONAL_SUB_OPENID","account":"openid-9"}`)
}

// The field and the header that names its key agree, also when another certificate comes in
// between the two: WeChat Pay could not read the field otherwise.
func TestSensitiveFieldsFitTheNamedKeyThroughARenewal(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(30*day))
	g := p.gateway(merchantOf(directID, false))
	if err := g.RenewCertificates(ctx); err != nil {
		t.Fatal(err)
	}
	p.answer = func(request) (int, string) { return 200, sharingAnswer }
	m := g.merchants[directID]
	sealed, serial, err := m.sealing(ctx)
	if err != nil || serial != oldSerial {
		t.Fatal(serial, err)
	}
	p.list(newSerial, begin.Add(-time.Hour), begin.Add(30*day))
	p.clock.advance(13 * time.Hour)
	if err := g.RenewCertificates(ctx); err != nil {
		t.Fatal(err)
	}
	for ctx, want := range map[context.Context]string{sealed: oldSerial, ctx: newSerial} {
		header, err := validator{m}.GetAcceptSerial(ctx)
		field, fault := sensitive{m}.SelectCertificate(ctx)
		if err != nil || fault != nil || header != want || field != want {
			t.Errorf("header %s, field %s, want %s: %v", header, field, want, errors.Join(err, fault))
		}
	}
	if _, err := g.ShareProfit(ctx, sharingOfTrade(directTrade)); err != nil {
		t.Fatal(err)
	}
	r := p.requests()[0]
	if opened(t, p, r, "name"); r.serial != newSerial {
		t.Errorf("encrypted for %s", r.serial)
	}
}

// Without a key nothing leaves.
func TestNothingSensitiveLeavesWithoutAKey(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, false))
	if _, err := g.ShareProfit(context.Background(), sharingOfTrade(directTrade)); err == nil {
		t.Error("it went well")
	}
	if len(p.requests()) != 0 {
		t.Errorf("%+v", p.requests())
	}
}

func TestProfitSharingRefusals(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		status              int
		code, message       string
		share, query, other error
	}{
		{400, "INVALID_REQUEST", "订单处理中，暂时无法分账，请稍后再试", wx.ErrProfitSharingTooEarly, wx.ErrRejected, wx.ErrRejected},
		{400, "INVALID_REQUEST", "非分账订单不支持分账", wx.ErrRejected, wx.ErrRejected, wx.ErrRejected},
		{403, "NOT_ENOUGH", "分账金额不足", wx.ErrRejected, wx.ErrRejected, wx.ErrRejected},
		{403, "NO_AUTH", "商户无权限", wx.ErrRejected, wx.ErrRejected, wx.ErrRejected},
		{404, "RESOURCE_NOT_EXISTS", "记录不存在", wx.ErrRejected, wx.ErrProfitSharingUnknown, wx.ErrRejected},
		{429, "RATELIMIT_EXCEED", "频率过高", wx.ErrRateLimited, wx.ErrRateLimited, wx.ErrRateLimited},
		{500, "SYSTEM_ERROR", "系统错误", wx.ErrBusy, wx.ErrBusy, wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) {
			return c.status, `{"code":"` + c.code + `","message":"` + c.message + `"}`
		}
		g := p.gateway(merchantOf(directID, true))
		_, share := g.ShareProfit(ctx, sharingOfTrade(directTrade))
		_, query := g.QueryProfitSharing(ctx, directTrade, "4200001", "s-1")
		_, queryReturn := g.QueryProfitReturn(ctx, returnOfTrade(directTrade))
		receiver := g.AddReceiver(ctx, wx.Receiver{MerchantID: directID, Name: secretName})
		for i, err := range []error{share, query, queryReturn, receiver} {
			if want := []error{c.share, c.query, c.query, c.other}[i]; !errors.Is(err, want) || model.AsError(err).Upstream == nil {
				t.Errorf("%s, call %d: got %v, want %v", c.message, i, err, want)
			}
			if strings.Contains(err.Error(), secretName) || strings.Contains(err.Error(), "openid-9") {
				t.Errorf("the error names somebody: %v", err)
			}
		}
	}
}

func TestProfitSharingAnswersThatAreNotBelieved(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"another number":      {strings.Replace(sharingAnswer, "s-1", "s-2", 1), wx.ErrForged},
		"another transaction": {strings.Replace(sharingAnswer, "4200001", "4200002", 1), wx.ErrForged},
		"no number":           {strings.Replace(sharingAnswer, "3008", "", 1), wx.ErrBusy},
		"a strange state":     {strings.Replace(sharingAnswer, "FINISHED", "DONE", 1), wx.ErrBusy},
		"a strange result":    {strings.Replace(sharingAnswer, "CLOSED", "LOST", 1), wx.ErrBusy},
		"empty":               {`{}`, wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, c.answer }
		if _, err := p.gateway(merchantOf(directID, true)).ShareProfit(ctx, sharingOfTrade(directTrade)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"another number":  {strings.Replace(returnAnswer, "b-1", "b-2", 1), wx.ErrForged},
		"another order":   {strings.Replace(returnAnswer, "s-1", "s-2", 1), wx.ErrForged},
		"no amount":       {strings.Replace(returnAnswer, `"amount":10`, `"amount":0`, 1), wx.ErrBusy},
		"a strange state": {strings.Replace(returnAnswer, "PROCESSING", "DONE", 1), wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, c.answer }
		if _, err := p.gateway(merchantOf(directID, true)).ReturnProfit(ctx, returnOfTrade(directTrade)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Every channel and mode says that the payment will be shared, and no other says anything.
func TestPrepayOfAPaymentToBeShared(t *testing.T) {
	for _, channel := range []wx.Channel{wx.ChannelJSAPI, wx.ChannelNative, wx.ChannelH5, wx.ChannelApp} {
		for _, trade := range []wx.Trade{directTrade, partnerTrade} {
			for _, share := range []bool{true, false} {
				p := newPlatform(t)
				p.answer = answers
				g := p.gateway(merchantOf(directID, true), merchantOf(providerID, true))
				asked := prepayOf(trade, channel, "")
				asked.ProfitSharing = share
				if _, err := g.Prepay(context.Background(), asked); err != nil {
					t.Fatal(err)
				}
				var body struct {
					SettleInfo json.RawMessage `json:"settle_info"`
				}
				if err := json.Unmarshal([]byte(p.requests()[0].body), &body); err != nil {
					t.Fatal(err)
				}
				if want := map[bool]string{true: `{"profit_sharing":true}`}[share]; string(body.SettleInfo) != want {
					t.Errorf("%s, %v: settle_info %s, want %s", channel, trade, body.SettleInfo, want)
				}
			}
		}
	}
}
