package wxpay

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"

	"wxhub/wx"
)

// What each refusal of WeChat Pay means to us (PROTOCOL §1.6, §2.4), with the spellings
// and the statuses of old and new documents.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		status        int
		code, message string
		want          error
	}{
		{404, "ORDER_NOT_EXIST", "订单不存在", wx.ErrTradeUnknown},
		{404, "ORDERNOTEXIST", "订单不存在", wx.ErrTradeUnknown},
		{404, "RESOURCE_NOT_EXISTS", "", wx.ErrTradeUnknown},
		{400, "ORDERPAID", "该订单已支付", wx.ErrTradePaid},
		{400, "ORDER_PAID", "", wx.ErrTradePaid},
		{403, "OUT_TRADE_NO_USED", "该订单已支付", wx.ErrTradePaid},
		{400, "INVALID_REQUEST", "该订单已支付", wx.ErrTradePaid},
		{400, "PARAM_ERROR", "该订单已支付", wx.ErrTradePaid},
		{403, "OUT_TRADE_NO_USED", "商户订单号重复", wx.ErrTradeDiffers},
		{400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致", wx.ErrTradeDiffers},
		{400, "ORDER_CLOSED", "订单已关闭", wx.ErrTradeClosed},
		{400, "INVALID_REQUEST", "该订单已关闭，请重新下单", wx.ErrTradeClosed},
		{400, "INVALID_REQUEST", "该订单已失效", wx.ErrTradeClosed},
		{400, "INVALID_REQUEST", "参数中含有非法的额外参数", wx.ErrRejected},
		{400, "APPID_MCHID_NOT_MATCH", "", wx.ErrRejected},
		{401, "SIGN_ERROR", "签名错误", wx.ErrRejected},
		{403, "NO_AUTH", "", wx.ErrRejected},
		{429, "FREQUENCY_LIMITED", "", wx.ErrRateLimited},
		{429, "RATELIMIT_EXCEEDED", "", wx.ErrRateLimited},
		{429, "", "", wx.ErrRateLimited},
		{500, "SYSTEM_ERROR", "系统异常", wx.ErrBusy},
		{502, "", "", wx.ErrBusy},
		{302, "", "", wx.ErrBusy},
	} {
		err := refused(onTrade, &core.APIError{
			StatusCode: c.status, Code: c.code, Message: c.message, Header: http.Header{"Request-Id": {"08F1-0"}},
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%d %s %s: got %v, want %v", c.status, c.code, c.message, err, c.want)
		}
		if !strings.Contains(err.Error(), "08F1-0") || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%d %s: an operator cannot see WeChat's words: %v", c.status, c.code, err)
		}
	}
}

func text(s string) *string { return &s }

func TestTransactionsOfSparsePeers(t *testing.T) {
	total := int64(1)
	paid := func(state string) *payments.Transaction {
		return &payments.Transaction{
			OutTradeNo: text("n"), Mchid: text("m"), Appid: text("a"), TradeState: text(state), TransactionId: text("t"),
			SuccessTime: text("2026-01-02T03:04:05.120+08:00"), Amount: &payments.TransactionAmount{Total: &total},
		}
	}
	for _, state := range []string{"SUCCESS", "REFUND"} {
		got, err := transaction(paid(state))
		if err != nil || got.Currency != "CNY" || got.SuccessTime.IsZero() || got.Amount != 1 {
			t.Errorf("%s without a currency: %+v, %v", state, got, err)
		}
	}
	unpaid := &payments.Transaction{OutTradeNo: text("n"), Mchid: text("m"), Appid: text("a"), TradeState: text("NOTPAY")}
	if got, err := transaction(unpaid); err != nil || got.State != wx.TradeNotPay {
		t.Errorf("unpaid, with nothing else: %+v, %v", got, err)
	}
}
