package wx

import (
	"strings"

	"wxhub/model"
)

// codeRefusals are the codes that mean something by themselves.
var codeRefusals = map[string]*model.Error{
	"AUTHCODEEXPIRE": ErrAuthCode, "AUTH_CODE_EXPIRE": ErrAuthCode, "AUTH_CODE_EXPIRED": ErrAuthCode,
	"AUTH_CODE_ERROR": ErrAuthCode, "AUTH_CODE_INVALID": ErrAuthCode,
	"NOTENOUGH": ErrPayerCannot, "NOT_ENOUGH": ErrPayerCannot, "NOTSUPORTCARD": ErrPayerCannot, "NOT_SUPPORT_CARD": ErrPayerCannot,
	"ACCOUNTERROR": ErrPayerCannot, "ACCOUNT_ERROR": ErrPayerCannot,
	"ORDERPAID": ErrTradePaid, "ORDER_PAID": ErrTradePaid,
	"ORDERCLOSED": ErrTradeClosed, "ORDER_CLOSED": ErrTradeClosed, "ORDERREVERSED": ErrTradeClosed, "ORDER_REVERSED": ErrTradeClosed,
	"OUT_TRADE_NO_USED": ErrTradeDiffers,
	"ORDERNOTEXIST":     ErrTradeUnknown, "ORDER_NOT_EXIST": ErrTradeUnknown, "RESOURCE_NOT_EXISTS": ErrTradeUnknown,
	"SYSTEMERROR": ErrBusy, "SYSTEM_ERROR": ErrBusy, "BANKERROR": ErrBusy, "BANK_ERROR": ErrBusy,
	"FREQUENCY_LIMITED": ErrRateLimited,
}

// vagueCodes are those that mean this or that. NO_AUTH is none of them, though its text may
// speak of payers' codes: they are not enabled for the merchant.
var vagueCodes = map[string]bool{"PARAM_ERROR": true, "INVALID_REQUEST": true, "TRADE_ERROR": true}

// codeTexts are the texts that tell them apart.
var codeTexts = []struct {
	parts []string
	means *model.Error
}{
	{[]string{"付款码", "授权码"}, ErrAuthCode},
	{[]string{"余额不足", "没有输入支付密码"}, ErrPayerCannot},
	{[]string{"已支付"}, ErrTradePaid},
	{[]string{"已关闭", "已撤销", "已失效"}, ErrTradeClosed},
	{[]string{"请求重入"}, ErrTradeDiffers},
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
