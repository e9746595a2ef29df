package wxpay

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

// chinaTime is the zone that WeChat Pay writes its times in.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// Prepay asks WeChat Pay to expect a payment and returns its prepay_id, valid for
// two hours. Repeating it with the same values is safe.
//
// Errors: wx.ErrTradePaid, wx.ErrTradeClosed, wx.ErrTradeDiffers, wx.ErrRejected,
// wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown.
// After ErrBusy, ErrForged and ErrTimeout it is not known whether WeChat holds the number.
func (g *Gateway) Prepay(ctx context.Context, p wx.Prepay) (string, error) {
	m, err := g.merchant(p.MerchantID)
	if err != nil {
		return "", err
	}
	req := jsapi.PrepayRequest{
		Appid: &p.AppID, Mchid: &p.MerchantID, Description: &p.Description, OutTradeNo: &p.OutTradeNo,
		NotifyUrl: &p.NotifyURL,
		Amount:    &jsapi.Amount{Total: (*int64)(&p.Amount), Currency: &p.Currency},
		Payer:     &jsapi.Payer{Openid: &p.OpenID},
	}
	if p.Attach != "" {
		req.Attach = &p.Attach
	}
	if !p.ExpiresAt.IsZero() {
		req.TimeExpire = core.Time(p.ExpiresAt.Truncate(time.Second).In(chinaTime))
	}
	var prepayID string
	err = verified(func() (*core.APIResult, error) {
		answer, result, err := m.api.Prepay(ctx, req)
		if err == nil && answer.PrepayId != nil {
			prepayID = *answer.PrepayId
		}
		return result, err
	})
	if err == nil && (prepayID == "" || len(prepayID) > 128) {
		return "", wx.ErrBusy.Because(errors.New("prepay answered without a usable prepay_id"))
	}
	return prepayID, err
}

// Query asks WeChat Pay about one out_trade_no.
//
// Errors: wx.ErrTradeUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy,
// wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown.
func (g *Gateway) Query(ctx context.Context, merchantID, outTradeNo string) (wx.Transaction, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.Transaction{}, err
	}
	var answer *payments.Transaction
	err = verified(func() (result *core.APIResult, err error) {
		answer, result, err = m.api.QueryOrderByOutTradeNo(ctx,
			jsapi.QueryOrderByOutTradeNoRequest{OutTradeNo: &outTradeNo, Mchid: &merchantID})
		return result, err
	})
	if err != nil {
		return wx.Transaction{}, err
	}
	t, err := transaction(answer)
	if err != nil {
		return wx.Transaction{}, wx.ErrBusy.Because(err)
	}
	return t, nil
}

// Close closes one out_trade_no; closing twice is no error. The number must never
// be used again, not even when WeChat Pay had not known it (PROTOCOL §2.4).
//
// Errors: wx.ErrTradePaid, wx.ErrTradeUnknown, wx.ErrRejected, wx.ErrRateLimited,
// wx.ErrBusy, wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown.
func (g *Gateway) Close(ctx context.Context, merchantID, outTradeNo string) error {
	m, err := g.merchant(merchantID)
	if err != nil {
		return err
	}
	err = verified(func() (*core.APIResult, error) {
		return m.api.CloseOrder(ctx, jsapi.CloseOrderRequest{OutTradeNo: &outTradeNo, Mchid: &merchantID})
	})
	if errors.Is(err, wx.ErrTradeClosed) {
		return nil
	}
	return err
}

// verified runs a call that may be repeated, once more when the answer was a
// success whose signature did not verify: a probe is followed by an honest answer.
func verified(call func() (*core.APIResult, error)) error {
	for again := false; ; again = true {
		result, err := call()
		if err == nil {
			return nil
		}
		err = fault(result, err)
		if again || !errors.Is(err, wx.ErrForged) {
			return err
		}
	}
}

// fault turns an error of the SDK into one of ours.
func fault(result *core.APIResult, err error) error {
	var refusal *core.APIError
	switch {
	case errors.As(err, &refusal):
		return refused(refusal)
	case result == nil || result.Response == nil:
		return wx.Silent(transport.Cause(err))
	default: // a 2xx that is unsigned, wrongly signed, stale or not JSON
		return wx.ErrForged.Because(err)
	}
}

// refused maps a non-2xx answer (PROTOCOL §1.6, §2.4). The spellings with and
// without '_' are both in use, and which code a paid number gets is not settled
// (§10), so the text decides where the codes do not.
func refused(e *core.APIError) error {
	var base *model.Error
	switch e.Code {
	case "ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS":
		base = wx.ErrTradeUnknown
	case "ORDERPAID", "ORDER_PAID":
		base = wx.ErrTradePaid
	case "ORDER_CLOSED", "ORDERCLOSED":
		base = wx.ErrTradeClosed
	case "FREQUENCY_LIMITED":
		base = wx.ErrRateLimited
	default:
		if e.StatusCode == http.StatusTooManyRequests {
			base = wx.ErrRateLimited
		} else if e.StatusCode >= http.StatusInternalServerError || e.StatusCode < http.StatusBadRequest {
			base = wx.ErrBusy
		} else {
			base = byText(e.Code, e.Message)
		}
	}
	return wx.Refused(base, model.Upstream{
		Service: "wechat_pay", Code: e.Code, Message: e.Message, RequestID: e.Header.Get("Request-Id"),
	})
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
