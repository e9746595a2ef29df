package wxpay

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"

	"wxhub/model"
	"wxhub/wx"
)

// PayCode charges the code that a payer shows (PROTOCOL §2.1; DOC:4012382150, 4012382179).
// The answer is a state: SUCCESS, or USERPAYING while the payer enters a password, which
// QueryCode then follows. WeChat Pay says USERPAYING as a state or as a code, by HTTP 200, 202 or
// 4xx; all of them are understood.
//
// The call is made once. When its answer does not verify, the number is asked about
// instead of being charged again.
//
// Errors: wx.ErrAuthCode, wx.ErrPayerCannot, wx.ErrTradePaid, wx.ErrTradeClosed,
// wx.ErrTradeDiffers, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout,
// wx.ErrMerchantUnknown; invalid_input when the merchant and the sub merchant do not go
// together. After ErrBusy, ErrForged and ErrTimeout it is not known whether money moved.
func (g *Gateway) PayCode(ctx context.Context, p wx.CodePayment) (wx.Transaction, error) {
	m, err := g.find(p.Trade)
	if err != nil {
		return wx.Transaction{}, err
	}
	if p.AppID == "" {
		p.AppID = m.AppID
	}
	body, err := m.postCode(ctx, m.onceVerified, "codepay", codeBody(m, p), p.AuthCode)
	if errors.Is(err, errUserPaying) {
		return userPaying(p.CodeTrade), nil
	}
	if errors.Is(err, wx.ErrForged) {
		if t, failure := g.Query(ctx, p.Trade); failure == nil {
			return t, nil
		}
	}
	if err != nil {
		return wx.Transaction{}, err
	}
	return m.paidByCode(p.CodeTrade, body)
}

// QueryCode asks about a payment by code. Errors: those of Query.
func (g *Gateway) QueryCode(ctx context.Context, t wx.CodeTrade) (wx.Transaction, error) {
	return g.Query(ctx, t.Trade)
}

// ReverseCode takes a payment by code back: what was paid is refunded, what was not cannot
// be paid any more. nil means that WeChat Pay has confirmed it. It is not to be called within
// 15 seconds of PayCode, may be repeated, and works for 7 days (PROTOCOL §5).
//
// Errors: wx.ErrTradeUnknown, wx.ErrTradeClosed (WeChat Pay says that it was reversed before,
// and does not sign that), wx.ErrRejected and what else PayCode refuses with, wx.ErrRateLimited,
// wx.ErrBusy, wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input as PayCode.
func (g *Gateway) ReverseCode(ctx context.Context, t wx.CodeTrade) error {
	m, err := g.find(t.Trade)
	if err != nil {
		return err
	}
	if t.AppID == "" {
		t.AppID = m.AppID
	}
	body, err := m.postCode(ctx, m.call, "out-trade-no/"+t.OutTradeNo+"/reverse", m.identify(t), "")
	if errors.Is(err, errUserPaying) {
		err = wx.ErrBusy.Because(err)
	}
	if err != nil || len(body) == 0 {
		return err
	}
	var answer struct {
		OutTradeNo string `json:"out_trade_no"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return wx.ErrBusy.Because(errors.New("reverse did not answer JSON"))
	}
	if answer.OutTradeNo != "" && answer.OutTradeNo != t.OutTradeNo {
		return wx.ErrForged.Because(errElse)
	}
	return nil
}

// errUserPaying is how a refusal says that the payer is still entering a password.
var errUserPaying = errors.New("the payer is entering a password")

func userPaying(t wx.CodeTrade) wx.Transaction {
	return wx.Transaction{Trade: t.Trade, AppID: t.AppID, SubAppID: t.SubAppID, State: wx.TradeUserPaying}
}

// caller makes one call and decides whether it is repeated.
type caller func(context.Context, endpoint, func() (*core.APIResult, error)) error

// onceVerified is call without the repetition.
func (m *merchant) onceVerified(ctx context.Context, what endpoint, do func() (*core.APIResult, error)) error {
	if m.usesCertificates() {
		if err := m.certificates.ready(ctx); err != nil {
			return err
		}
	}
	result, err := do()
	if err != nil {
		return fault(what, result, err)
	}
	return nil
}

// postCode posts to an endpoint of payments by code and returns the verified body. What
// WeChat Pay says against it is told without the payer's code.
func (m *merchant) postCode(ctx context.Context, call caller, path string, body any, code model.Secret) ([]byte, error) {
	base := consts.WechatPayAPIServer + "/v3/pay/transactions/"
	if m.Partner {
		base = consts.WechatPayAPIServer + "/v3/pay/partner/transactions/"
	}
	var answer []byte
	var refusal *core.APIError
	err := call(ctx, onTrade, func() (*core.APIResult, error) {
		result, err := m.sdk.Post(ctx, base+path, body)
		if err != nil {
			refusal = nil
			errors.As(err, &refusal)
			return result, err
		}
		answer, err = bodyOf(result.Response)
		return result, err
	})
	if err != nil && refusal != nil {
		return nil, codeRefused(refusal, code)
	}
	return answer, err
}

// codeRefused maps a non-2xx answer. One without a code of WeChat Pay's comes from
// something in between: what became of the call is not known.
func codeRefused(e *core.APIError, code model.Secret) error {
	text := e.Message
	if !code.IsZero() {
		text = strings.ReplaceAll(text, code.Reveal(), "…")
	}
	means := wx.CodeRefusal(e.Code, text)
	switch {
	case means == nil:
		return errUserPaying
	case e.StatusCode == 429:
		means = wx.ErrRateLimited
	case e.StatusCode >= 500 || e.StatusCode < 400 || e.Code == "":
		means = wx.ErrBusy
	}
	return wx.Refused(means, model.Upstream{Service: "wechat_pay", Code: e.Code, Message: text, RequestID: e.Header.Get("Request-Id")})
}

// paidByCode reads a 2xx answer of codepay.
func (m *merchant) paidByCode(asked wx.CodeTrade, body []byte) (wx.Transaction, error) {
	var said struct {
		Code       string `json:"code"`
		TradeState string `json:"trade_state"`
		OutTradeNo string `json:"out_trade_no"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return wx.Transaction{}, wx.ErrBusy.Because(errors.New("codepay did not answer JSON"))
	}
	paying := said.TradeState == string(wx.TradeUserPaying) || said.TradeState == "" && wx.CodeRefusal(said.Code, "") == nil
	switch {
	case said.OutTradeNo != "" && said.OutTradeNo != asked.OutTradeNo:
		return wx.Transaction{}, wx.ErrForged.Because(errElse)
	case paying: // with fewer fields than a payment that was made
		return userPaying(asked), nil
	case said.TradeState == "":
		return wx.Transaction{}, wx.ErrBusy.Because(errors.New("codepay answered without trade_state"))
	}
	out, err := m.transactionOf(body)
	if err != nil {
		return wx.Transaction{}, wx.ErrBusy.Because(err)
	}
	if out.Trade != asked.Trade {
		return wx.Transaction{}, wx.ErrForged.Because(errElse)
	}
	return out, nil
}

func (m *merchant) transactionOf(body []byte) (wx.Transaction, error) {
	unreadable := errors.New("a transaction could not be read")
	if m.Partner {
		var t partnerpayments.Transaction
		if json.Unmarshal(body, &t) != nil {
			return wx.Transaction{}, unreadable
		}
		return partnerTransaction(&t)
	}
	var t payments.Transaction
	if json.Unmarshal(body, &t) != nil {
		return wx.Transaction{}, unreadable
	}
	return transaction(&t)
}
