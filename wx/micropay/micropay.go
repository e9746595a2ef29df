package micropay

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// PayCode charges the code that a payer shows: POST /pay/micropay. Errors and what they mean
// are those of wx/wxpay.Gateway.PayCode.
func (g *Gateway) PayCode(ctx context.Context, p wx.CodePayment) (wx.Transaction, error) {
	m, err := g.find(&p.CodeTrade)
	if err != nil {
		return wx.Transaction{}, err
	}
	scene, err := scene(p.StoreID)
	if err != nil {
		return wx.Transaction{}, err
	}
	answer, err := g.post(ctx, m, "/pay/micropay", p.CodeTrade, fields{
		"body": p.Description, "attach": p.Attach, "total_fee": strconv.FormatInt(int64(p.Amount), 10), "fee_type": p.Currency,
		"spbill_create_ip": ipOr(p.DeviceIP), "device_info": p.DeviceID, "auth_code": p.AuthCode.Reveal(), "scene_info": scene,
		"profit_sharing": yes(p.ProfitSharing),
	})
	if err != nil {
		return wx.Transaction{}, err
	}
	if answer["result_code"] != "SUCCESS" {
		err := refused(answer, p.AuthCode)
		if err == nil {
			return state(p.CodeTrade, answer, wx.TradeUserPaying)
		}
		return wx.Transaction{}, err
	}
	out, err := state(p.CodeTrade, answer, wx.TradeSuccess)
	if err == nil && out.Amount != p.Amount {
		return wx.Transaction{}, wx.ErrForged.Because(errElse)
	}
	return out, err
}

// yes is APIv2's word for true; a field that is not true is left out.
func yes(b bool) string {
	if b {
		return "Y"
	}
	return ""
}

// QueryCode asks about a payment by code: POST /pay/orderquery. Errors and what they mean are
// those of wx/wxpay.Gateway.Query.
func (g *Gateway) QueryCode(ctx context.Context, t wx.CodeTrade) (wx.Transaction, error) {
	m, err := g.find(&t)
	if err != nil {
		return wx.Transaction{}, err
	}
	answer, err := g.post(ctx, m, "/pay/orderquery", t, nil)
	if err != nil {
		return wx.Transaction{}, err
	}
	if answer["result_code"] != "SUCCESS" {
		if err := refused(answer, ""); err != nil {
			return wx.Transaction{}, err
		}
		return state(t, answer, wx.TradeUserPaying)
	}
	if answer["trade_state"] == "" {
		return wx.Transaction{}, wx.ErrBusy.Because(errors.New("orderquery answered without trade_state"))
	}
	return state(t, answer, wx.TradeState(answer["trade_state"]))
}

// ReverseCode takes a payment by code back: POST /secapi/pay/reverse, for which the merchant's
// certificate is shown. nil means that WeChat Pay has confirmed it; while it says that the call
// is to be repeated (recall Y), that is wx.ErrBusy. The rest is as wx/wxpay.Gateway.ReverseCode.
func (g *Gateway) ReverseCode(ctx context.Context, t wx.CodeTrade) error {
	m, err := g.find(&t)
	if err != nil {
		return err
	}
	answer, err := g.post(ctx, m, "/secapi/pay/reverse", t, nil)
	switch {
	case err != nil:
		return err
	case answer["recall"] == "Y":
		err = wx.ErrBusy.Because(errors.New("reverse is to be called again"))
		if answer["result_code"] != "SUCCESS" {
			err = wx.Refused(wx.ErrBusy, upstream(answer, ""))
		}
		return err
	case answer["result_code"] == "SUCCESS":
		return nil
	}
	if err := refused(answer, ""); err != nil {
		return err
	}
	return wx.ErrBusy.Because(errors.New("reverse says that the payer is entering a password"))
}

// refused says what a signed result_code FAIL means; nil for USERPAYING.
func refused(answer fields, code model.Secret) error {
	means := wx.CodeRefusal(answer["err_code"], answer["err_code_des"])
	if means == nil {
		return nil
	}
	if answer["err_code"] == "" { // it says nothing
		means = wx.ErrBusy
	}
	return wx.Refused(means, upstream(answer, code))
}

// upstream is WeChat Pay's own words, without the payer's code.
func upstream(answer fields, code model.Secret) model.Upstream {
	text := answer["err_code_des"]
	if !code.IsZero() {
		text = strings.ReplaceAll(text, code.Reveal(), "…")
	}
	return model.Upstream{Service: "wechat_pay", Code: answer["err_code"], Message: text}
}

// chinaTime is the zone that WeChat Pay writes its times in.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// state makes a transaction of a verified answer. One that says that money moved must say
// how much, when, and under which number.
func state(t wx.CodeTrade, answer fields, is wx.TradeState) (wx.Transaction, error) {
	out := wx.Transaction{Trade: t.Trade, AppID: t.AppID, SubAppID: answer["sub_appid"], State: is}
	if is != wx.TradeSuccess && is != wx.TradeRefund {
		return out, nil
	}
	if answer["out_trade_no"] != t.OutTradeNo {
		return wx.Transaction{}, wx.ErrForged.Because(errElse)
	}
	total, failure := strconv.ParseInt(answer["total_fee"], 10, 64)
	at, err := time.ParseInLocation("20060102150405", answer["time_end"], chinaTime)
	out.TransactionID = answer["transaction_id"]
	if failure != nil || err != nil || total <= 0 || out.TransactionID == "" || len(out.TransactionID) > 64 {
		return wx.Transaction{}, wx.ErrBusy.Because(errors.New("a paid transaction lacks total_fee, time_end or transaction_id"))
	}
	out.Amount, out.SuccessTime = model.Fen(total), model.Instant(at)
	if out.Currency = answer["fee_type"]; out.Currency == "" {
		out.Currency = model.CNY // the documented default
	}
	out.OpenID = answer["openid"]
	if out.SubAppID != "" {
		out.OpenID = answer["sub_openid"]
	}
	return out, nil
}

// ipOr is spbill_create_ip, which must be there.
func ipOr(ip string) string {
	if ip == "" {
		return "127.0.0.1"
	}
	return ip
}

// scene is scene_info: the shop, when there is one.
func scene(storeID string) (string, error) {
	if storeID == "" {
		return "", nil
	}
	out, err := json.Marshal(map[string]any{"store_info": map[string]string{"id": storeID}})
	return string(out), err
}
