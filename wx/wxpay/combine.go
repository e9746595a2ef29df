package wxpay

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"wxhub/model"
	"wxhub/wx"
)

// combineRoot serves direct merchants and service providers alike (PROTOCOL §2.1).
const combineRoot = consts.WechatPayAPIServer + "/v3/combine-transactions/"

// PrepayCombined asks WeChat Pay to expect one payment of several orders. It returns what
// Prepay returns, and repeating it with the same values is safe.
//
// Errors: those of Prepay.
func (g *Gateway) PrepayCombined(ctx context.Context, p wx.CombinedPrepay) (string, error) {
	m, err := g.merchant(p.MerchantID)
	if err != nil {
		return "", err
	}
	if p.AppID == "" {
		p.AppID = m.AppID
	}
	if err := m.combinable(p); err != nil {
		return "", err
	}
	body, err := m.combine(ctx, func() (*core.APIResult, error) {
		return m.sdk.Post(ctx, combineRoot+string(p.Channel), combineBody(p))
	})
	if err != nil {
		return "", err
	}
	var answer combineAnswer
	if json.Unmarshal(body, &answer) == nil && usable(p.Channel, answer.of(p.Channel)) {
		return answer.of(p.Channel), nil
	}
	return "", wx.ErrBusy.Because(errors.New("a combined prepay answered without a usable prepay_id or URL"))
}

// QueryCombined asks WeChat Pay about one combine_out_trade_no. The sub orders are known
// there by this number alone.
//
// Errors: wx.ErrTradeUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged,
// wx.ErrTimeout, wx.ErrMerchantUnknown.
func (g *Gateway) QueryCombined(ctx context.Context, merchantID, outTradeNo string) (wx.CombinedTransaction, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.CombinedTransaction{}, err
	}
	body, err := m.combine(ctx, func() (*core.APIResult, error) {
		return m.sdk.Get(ctx, combineRoot+"out-trade-no/"+outTradeNo)
	})
	if err != nil {
		return wx.CombinedTransaction{}, err
	}
	out, err := m.readCombined(body)
	if err != nil {
		return wx.CombinedTransaction{}, wx.ErrBusy.Because(err)
	}
	if out.MerchantID != merchantID || out.OutTradeNo != outTradeNo {
		return wx.CombinedTransaction{}, wx.ErrForged.Because(errElse)
	}
	return *out, nil
}

// CloseCombined closes one combine_out_trade_no with all its sub orders; closing twice is
// no error. parts must be exactly those that were asked for (PROTOCOL §2.5). The number must never
// be used again, not even when WeChat Pay had not known it.
//
// Errors: those of Close.
func (g *Gateway) CloseCombined(ctx context.Context, t wx.CombinedTrade, parts []wx.Trade) error {
	m, err := g.merchant(t.MerchantID)
	if err != nil {
		return err
	}
	if t.AppID == "" {
		t.AppID = m.AppID
	}
	body := combineClose{AppID: t.AppID}
	for _, part := range parts {
		if err := m.combines(t.MerchantID, part); err != nil {
			return err
		}
		body.SubOrders = append(body.SubOrders, partiesOf(t, part))
	}
	_, err = m.combine(ctx, func() (*core.APIResult, error) {
		return m.sdk.Post(ctx, combineRoot+"out-trade-no/"+t.OutTradeNo+"/close", body)
	})
	if errors.Is(err, wx.ErrTradeClosed) {
		return nil
	}
	return err
}

// InvokeCombinedApp is InvokeApp for a combined payment: partnerid is the combining merchant's
// number, of a service provider too, since there is not one sub merchant. So does WxJava
// (getPayInfo with combine_mchid).
//
// Errors: wx.ErrMerchantUnknown.
func (g *Gateway) InvokeCombinedApp(merchantID, appID, prepayID string) (wx.AppInvoke, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.AppInvoke{}, err
	}
	nonce, err := g.nonce()
	if err != nil {
		return wx.AppInvoke{}, err
	}
	return signInvokeApp(m.PrivateKey, appID, merchantID, prepayID, g.now(), nonce)
}

// combine makes a call that may be repeated and returns the verified body.
func (m *merchant) combine(ctx context.Context, do func() (*core.APIResult, error)) (body []byte, err error) {
	err = m.call(ctx, onTrade, func() (*core.APIResult, error) {
		result, err := do()
		if err != nil {
			return result, err
		}
		body, err = bodyOf(result.Response)
		return result, err
	})
	return body, err
}

// combinable refuses what WeChat Pay would refuse with fewer words.
func (m *merchant) combinable(p wx.CombinedPrepay) error {
	most := 10
	if m.Partner {
		most = maxParts
	}
	if len(p.Parts) < 2 || len(p.Parts) > most {
		return model.InvalidField("orders", "must be 2 to %d", most)
	}
	if p.SubAppID != "" && !m.Partner {
		return model.InvalidField("sub_app_id", "needs a service provider")
	}
	for _, part := range p.Parts {
		if err := m.combines(p.MerchantID, part.Trade); err != nil {
			return err
		}
		if part.Attach == "" {
			return model.InvalidField("attach", "is required of an order that is paid together with others")
		}
	}
	return askable(wx.Prepay{Channel: p.Channel, OpenID: p.OpenID, ClientIP: p.ClientIP})
}

// combines reports whether a sub order is this merchant's to combine.
func (m *merchant) combines(merchantID string, part wx.Trade) error {
	if part.MerchantID != merchantID {
		return model.InvalidField("merchant_id", "must be the same of all orders that are paid together")
	}
	return m.owns(part)
}
