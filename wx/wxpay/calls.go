package wxpay

import (
	"context"
	"errors"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	partnerjsapi "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

// Query asks WeChat Pay about one out_trade_no, of whatever channel.
//
// Errors: wx.ErrTradeUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy,
// wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input when the merchant
// and the sub merchant do not go together.
func (g *Gateway) Query(ctx context.Context, t wx.Trade) (wx.Transaction, error) {
	m, err := g.find(t)
	if err != nil {
		return wx.Transaction{}, err
	}
	var read func() (wx.Transaction, error)
	err = m.call(ctx, onTrade, func() (*core.APIResult, error) {
		if m.Partner {
			answer, result, err := (&partnerjsapi.JsapiApiService{Client: m.sdk}).QueryOrderByOutTradeNo(ctx,
				partnerjsapi.QueryOrderByOutTradeNoRequest{OutTradeNo: &t.OutTradeNo, SpMchid: &t.MerchantID, SubMchid: &t.SubMerchantID})
			read = func() (wx.Transaction, error) { return partnerTransaction(answer) }
			return result, err
		}
		answer, result, err := (&jsapi.JsapiApiService{Client: m.sdk}).QueryOrderByOutTradeNo(ctx,
			jsapi.QueryOrderByOutTradeNoRequest{OutTradeNo: &t.OutTradeNo, Mchid: &t.MerchantID})
		read = func() (wx.Transaction, error) { return transaction(answer) }
		return result, err
	})
	if err != nil {
		return wx.Transaction{}, err
	}
	out, err := read()
	if err != nil {
		return wx.Transaction{}, wx.ErrBusy.Because(err)
	}
	if out.Trade != t {
		return wx.Transaction{}, wx.ErrForged.Because(errElse)
	}
	return out, nil
}

// errElse: a signature covers the answer and not what was asked, so an answer to
// another question verifies as well.
var errElse = errors.New("the answer is about something else than was asked for")

// Close closes one out_trade_no; closing twice is no error. The number must never
// be used again, not even when WeChat Pay had not known it (PROTOCOL §2.4).
//
// Errors: wx.ErrTradePaid, wx.ErrTradeUnknown, wx.ErrRejected, wx.ErrRateLimited,
// wx.ErrBusy, wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input when the
// merchant and the sub merchant do not go together.
func (g *Gateway) Close(ctx context.Context, t wx.Trade) error {
	m, err := g.find(t)
	if err != nil {
		return err
	}
	err = m.call(ctx, onTrade, func() (*core.APIResult, error) {
		if m.Partner {
			return (&partnerjsapi.JsapiApiService{Client: m.sdk}).CloseOrder(ctx,
				partnerjsapi.CloseOrderRequest{OutTradeNo: &t.OutTradeNo, SpMchid: &t.MerchantID, SubMchid: &t.SubMerchantID})
		}
		return (&jsapi.JsapiApiService{Client: m.sdk}).CloseOrder(ctx, jsapi.CloseOrderRequest{OutTradeNo: &t.OutTradeNo, Mchid: &t.MerchantID})
	})
	if errors.Is(err, wx.ErrTradeClosed) {
		return nil
	}
	return err
}

// call makes a call that may be repeated, once its answer can be verified.
func (m *merchant) call(ctx context.Context, what endpoint, do func() (*core.APIResult, error)) error {
	if m.usesCertificates() {
		if err := m.certificates.ready(ctx); err != nil {
			return err
		}
	}
	return verified(what, do)
}

// verified makes a call that may be repeated, once more when the answer was a
// success whose signature did not verify: a probe is followed by an honest answer.
func verified(what endpoint, do func() (*core.APIResult, error)) error {
	for again := false; ; again = true {
		result, err := do()
		if err == nil {
			return nil
		}
		err = fault(what, result, err)
		if again || !errors.Is(err, wx.ErrForged) {
			return err
		}
	}
}

// fault turns an error of the SDK into one of ours.
func fault(what endpoint, result *core.APIResult, err error) error {
	var refusal *core.APIError
	var ours *model.Error
	switch {
	case errors.As(err, &refusal):
		return refused(what, refusal)
	case errors.As(err, &ours): // of our validator
		return ours
	case result == nil || result.Response == nil || result.Response.StatusCode >= 300: // nothing came, or half a refusal
		return wx.Silent(transport.Cause(err))
	default: // a 2xx that is not JSON
		return wx.ErrForged.Because(err)
	}
}
