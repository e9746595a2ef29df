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

// The same words mean different things to different endpoints (PROTOCOL §1.6, Refund).
func TestRefusalsOfRefunds(t *testing.T) {
	for _, c := range []struct {
		what          endpoint
		status        int
		code, message string
		want          error
	}{
		{onRefund, 403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起", wx.ErrBalance},
		{onRefund, 403, "NOTENOUGH", "", wx.ErrBalance},
		{onRefund, 400, "INVALID_REQUEST", "可用余额不足", wx.ErrBalance},
		{onRefund, 400, "INVALID_REQUEST", "订单已全额退款", wx.ErrRefundTooMuch},
		{onRefund, 400, "PARAM_ERROR", "申请退款金额超过可退金额", wx.ErrRefundTooMuch},
		{onRefund, 400, "PARAM_ERROR", "退款金额大于支付金额", wx.ErrRefundTooMuch},
		{onRefund, 400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试", wx.ErrRefundDiffers},
		{onRefund, 400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致", wx.ErrRefundDiffers},
		{onRefund, 404, "RESOURCE_NOT_EXISTS", "原订单不存在", wx.ErrTradeUnknown},
		{onRefund, 404, "ORDER_NOT_EXIST", "订单不存在", wx.ErrTradeUnknown},
		{onRefund, 403, "USER_ACCOUNT_ABNORMAL", "用户账户注销", wx.ErrRejected},
		{onRefund, 403, "NO_AUTH", "", wx.ErrRejected},
		{onRefund, 404, "MCH_NOT_EXISTS", "", wx.ErrRejected},
		{onRefund, 401, "SIGN_ERROR", "", wx.ErrRejected},
		{onRefund, 400, "INVALID_REQUEST", "该订单已支付", wx.ErrRejected},
		{onRefund, 429, "FREQUENCY_LIMITED", "", wx.ErrRateLimited},
		{onRefund, 429, "", "", wx.ErrRateLimited},
		{onRefund, 500, "SYSTEM_ERROR", "", wx.ErrBusy},
		{onRefund, 400, "SYSTEM_ERROR", "", wx.ErrBusy},
		{onRefund, 502, "", "", wx.ErrBusy},
		{onRefundQuery, 404, "RESOURCE_NOT_EXISTS", "退款单不存在", wx.ErrRefundUnknown},
		{onRefundQuery, 400, "PARAM_ERROR", "", wx.ErrRejected},
		{onRefundQuery, 500, "SYSTEM_ERROR", "", wx.ErrBusy},
		{onRefundQuery, 429, "FREQUENCY_LIMITED", "", wx.ErrRateLimited},
		{onCertificates, 404, "RESOURCE_NOT_EXISTS", "无可用的平台证书", wx.ErrRejected},
		{onCertificates, 500, "SYSTEM_ERROR", "", wx.ErrBusy},
	} {
		err := refused(c.what, &core.APIError{StatusCode: c.status, Code: c.code, Message: c.message})
		if !errors.Is(err, c.want) {
			t.Errorf("%d: %d %s %s: got %v, want %v", c.what, c.status, c.code, c.message, err, c.want)
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
