package wxpay

import (
	"errors"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments"
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
		Trade: wx.Trade{MerchantID: *t.Mchid, OutTradeNo: *t.OutTradeNo}, AppID: *t.Appid,
		State:         wx.TradeState(*t.TradeState),
		TransactionID: value(t.TransactionId),
	}
	if t.Payer != nil {
		out.OpenID = value(t.Payer.Openid)
	}
	if t.Amount != nil {
		out.Amount, out.Currency = asked(t.Amount.Total, t.Amount.Currency)
	}
	return finished(out, value(t.SuccessTime))
}

// partnerTransaction does the same for a service provider.
func partnerTransaction(t *partnerpayments.Transaction) (wx.Transaction, error) {
	if t == nil || t.OutTradeNo == nil || t.SpMchid == nil || t.SubMchid == nil || t.SpAppid == nil || t.TradeState == nil {
		return wx.Transaction{}, errors.New("a transaction lacks out_trade_no, sp_mchid, sub_mchid, sp_appid or trade_state")
	}
	out := wx.Transaction{
		Trade: wx.Trade{MerchantID: *t.SpMchid, SubMerchantID: *t.SubMchid, OutTradeNo: *t.OutTradeNo},
		AppID: *t.SpAppid, SubAppID: value(t.SubAppid),
		State:         wx.TradeState(*t.TradeState),
		TransactionID: value(t.TransactionId),
	}
	if t.Payer != nil {
		out.OpenID = value(t.Payer.SpOpenid)
		if out.SubAppID != "" { // an openid belongs to one app, and theirs is the one
			out.OpenID = value(t.Payer.SubOpenid)
		}
	}
	if t.Amount != nil {
		out.Amount, out.Currency = asked(t.Amount.Total, t.Amount.Currency)
	}
	return finished(out, value(t.SuccessTime))
}

func asked(total *int64, currency *string) (model.Fen, string) {
	if value(currency) == "" {
		return model.Fen(number(total)), model.CNY // the documented default (PROTOCOL §2.2)
	}
	return model.Fen(number(total)), *currency
}

// finished checks what a payment that was made must have.
func finished(t wx.Transaction, successTime string) (wx.Transaction, error) {
	if t.State != wx.TradeSuccess && t.State != wx.TradeRefund {
		return t, nil
	}
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
