package wxpay

import (
	"net/http"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/core"

	"wxhub/model"
	"wxhub/wx"
)

// endpoint is what a refusal is about: RESOURCE_NOT_EXISTS means the payment to one
// endpoint, the refund to another, and at a third that a merchant has no certificates.
type endpoint int

const (
	onTrade endpoint = iota
	onRefund
	onRefundQuery
	onCertificates
	onBill
	onProfitSharing
	onProfitSharingQuery
	onReceiver
	onTransfer
	onTransferQuery
	onApplyment
	onApplymentQuery
	onSettlement
	onSettlementChange
	onMedia
)

// refused maps a non-2xx answer (PROTOCOL §1.6, §2.4). The spellings with and
// without '_' are both in use, and which code a paid number gets is not settled
// (§10), so the text decides where the codes do not.
func refused(what endpoint, e *core.APIError) error {
	return wx.Refused(meaning(what, e), model.Upstream{
		Service: "wechat_pay", Code: e.Code, Message: e.Message, RequestID: e.Header.Get("Request-Id"),
	})
}

func meaning(what endpoint, e *core.APIError) *model.Error {
	switch e.Code {
	case "FREQUENCY_LIMITED", "RATE_LIMITED":
		return wx.ErrRateLimited
	case "SYSTEM_ERROR", "SYSTEMERROR":
		return wx.ErrBusy
	}
	if base := byCode(what, e.Code); base != nil {
		return base
	}
	switch {
	case e.StatusCode == http.StatusTooManyRequests:
		return wx.ErrRateLimited
	case e.StatusCode >= http.StatusInternalServerError, e.StatusCode < http.StatusBadRequest:
		return wx.ErrBusy
	case what == onTrade:
		return byText(e.Code, e.Message)
	case what == onRefund:
		return byRefundText(e.Message)
	case what == onBill && strings.Contains(e.Message, "账单文件不存在"), what == onBill && strings.Contains(e.Message, "账单不存在"):
		return errNoBill
	case what == onBill && strings.Contains(e.Message, "生成中"):
		return wx.ErrBillNotReady
	case what == onProfitSharing && strings.Contains(e.Message, "暂时无法分账"):
		return wx.ErrProfitSharingTooEarly
	case what == onApplymentQuery && (strings.Contains(e.Message, "未能找到申请单") || strings.Contains(e.Message, "申请单不存在")):
		return wx.ErrApplymentUnknown // a PARAM_ERROR in the field
	}
	return wx.ErrRejected
}

func byCode(what endpoint, code string) *model.Error {
	switch code {
	case "RESOURCE_NOT_EXISTS", "ORDER_NOT_EXIST", "ORDERNOTEXIST":
		switch what {
		case onTrade, onRefund: // to a refund, an unpaid order does not exist either
			return wx.ErrTradeUnknown
		case onRefundQuery:
			return wx.ErrRefundUnknown
		case onProfitSharingQuery:
			return wx.ErrProfitSharingUnknown
		case onTransferQuery:
			return wx.ErrTransferUnknown
		case onApplymentQuery:
			return wx.ErrApplymentUnknown
		case onSettlementChange:
			return wx.ErrApplicationUnknown
		}
		return wx.ErrRejected
	}
	switch {
	case what == onBill && (code == "NO_STATEMENT_EXIST" || code == "NO_STATEMENT_EXISTS"):
		return errNoBill
	case what == onBill && (code == "STATEMENT_CREATING" || code == "STATEMENT_IS_CREATING"):
		return wx.ErrBillNotReady
	case what == onTransferQuery && code == "NOT_FOUND":
		return wx.ErrTransferUnknown
	case what == onApplymentQuery && code == "APPLYMENT_NOTEXIST":
		return wx.ErrApplymentUnknown
	case what == onApplyment && code == "PROCESSING":
		return wx.ErrApplymentUnderWay
	case what == onTrade && (code == "ORDERPAID" || code == "ORDER_PAID"):
		return wx.ErrTradePaid
	case what == onTrade && (code == "ORDER_CLOSED" || code == "ORDERCLOSED"):
		return wx.ErrTradeClosed
	case what == onRefund && (code == "NOT_ENOUGH" || code == "NOTENOUGH"):
		return wx.ErrBalance
	}
	return nil
}

func byText(code, message string) *model.Error {
	switch {
	case strings.Contains(message, "已支付"):
		return wx.ErrTradePaid
	case strings.Contains(message, "已关闭"), strings.Contains(message, "已失效"):
		return wx.ErrTradeClosed
	case strings.Contains(message, "请求重入"), code == "OUT_TRADE_NO_USED":
		return wx.ErrTradeDiffers
	}
	return wx.ErrRejected
}

// byRefundText knows the texts of PROTOCOL §1.6; the code of all of them is INVALID_REQUEST
// or PARAM_ERROR.
func byRefundText(message string) *model.Error {
	switch {
	case strings.Contains(message, "余额不足"):
		return wx.ErrBalance
	case strings.Contains(message, "请求重入"), strings.Contains(message, "不一致"):
		return wx.ErrRefundDiffers
	case strings.Contains(message, "全额退款"),
		strings.Contains(message, "退款") && (strings.Contains(message, "超过") || strings.Contains(message, "大于")):
		return wx.ErrRefundTooMuch
	}
	return wx.ErrRejected
}
