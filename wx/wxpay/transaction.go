package wxpay

import (
	"errors"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"

	"wxhub/model"
	"wxhub/wx"
)

// transaction turns the SDK's pointers into our type. A transaction without the
// fields that make it mean something is refused, so that "absent" is never taken
// for a value.
func transaction(t *payments.Transaction) (wx.Transaction, error) {
	if t == nil || t.OutTradeNo == nil || t.Mchid == nil || t.Appid == nil || t.TradeState == nil {
		return wx.Transaction{}, errors.New("a transaction lacks out_trade_no, mchid, appid or trade_state")
	}
	out := wx.Transaction{
		MerchantID: *t.Mchid, AppID: *t.Appid, OutTradeNo: *t.OutTradeNo,
		State:         wx.TradeState(*t.TradeState),
		TransactionID: value(t.TransactionId),
	}
	if t.Payer != nil {
		out.OpenID = value(t.Payer.Openid)
	}
	if t.Amount != nil {
		out.Amount, out.Currency = model.Fen(number(t.Amount.Total)), value(t.Amount.Currency)
		if out.Currency == "" {
			out.Currency = model.CNY // the documented default (PROTOCOL §2.2)
		}
	}
	if out.State == wx.TradeSuccess || out.State == wx.TradeRefund {
		return paid(out, value(t.SuccessTime))
	}
	return out, nil
}

func paid(t wx.Transaction, successTime string) (wx.Transaction, error) {
	at, err := time.Parse(time.RFC3339, successTime)
	if err != nil {
		return wx.Transaction{}, errors.New("a paid transaction has no readable success_time")
	}
	if t.TransactionID == "" || len(t.TransactionID) > 64 || t.Amount <= 0 || t.Currency == "" {
		return wx.Transaction{}, errors.New("a paid transaction lacks transaction_id, amount.total or amount.currency")
	}
	t.SuccessTime = model.Instant(at)
	return t, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
