package wxpay

import (
	"context"
	"net/url"
	"strconv"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"wxhub/wx"
)

// applyments has no service in wechatpay-go. Its names are those of WeChat Pay's documentation (partner/4012719997,
// 4012697052, 4012697168) and of gopay v1.5.123.
const applyments = consts.WechatPayAPIServer + "/v3/applyment4sub/applyment/"

// SubmitApplyment hands an application in, or a rejected one in again under the same business_code, and returns
// WeChat Pay's number of it. It is not repeated: WeChat Pay refuses an application that is under way, whoever asks.
//
// Errors: wx.ErrApplymentUnderWay, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout,
// wx.ErrMerchantUnknown. After ErrBusy, ErrForged, ErrTimeout and ErrRateLimited it is not known whether WeChat Pay has
// it: QueryApplyment tells.
func (g *Gateway) SubmitApplyment(ctx context.Context, merchantID string, a wx.Applyment) (int64, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return 0, err
	}
	if ctx, err = m.readyToSeal(ctx); err != nil {
		return 0, err
	}
	body, err := m.sealedBody(ctx, a)
	if err != nil {
		return 0, wx.ErrBusy.Because(err)
	}
	var answer struct {
		ApplymentID int64 `json:"applyment_id"`
	}
	err = m.onceVerified(ctx, onApplyment, func() (*core.APIResult, error) {
		result, err := m.sdk.Post(ctx, applyments, body)
		if err != nil {
			return result, err
		}
		return result, core.UnMarshalResponse(result.Response, &answer)
	})
	if err == nil && answer.ApplymentID <= 0 {
		err = wx.ErrBusy.Because(errElse)
	}
	return answer.ApplymentID, err
}

// readyToSeal chooses the key of a call that has sensitive fields, and fetches it when it is missing.
func (m *merchant) readyToSeal(ctx context.Context) (context.Context, error) {
	if m.usesCertificates() {
		if err := m.certificates.ready(ctx); err != nil {
			return ctx, err
		}
	}
	ctx, _, err := m.sealing(ctx)
	return ctx, err
}

// QueryApplyment asks WeChat Pay about one business_code.
//
// Errors: wx.ErrApplymentUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout,
// wx.ErrMerchantUnknown.
func (g *Gateway) QueryApplyment(ctx context.Context, merchantID, businessCode string) (wx.ApplymentStatement, error) {
	s, err := g.askApplyment(ctx, merchantID, "business_code/"+url.PathEscape(businessCode))
	if err == nil && s.BusinessCode != businessCode {
		return wx.ApplymentStatement{}, wx.ErrForged.Because(errElse)
	}
	return s, err
}

// QueryApplymentByID asks WeChat Pay about its own number of an application.
//
// Errors: those of QueryApplyment.
func (g *Gateway) QueryApplymentByID(ctx context.Context, merchantID string, applymentID int64) (wx.ApplymentStatement, error) {
	s, err := g.askApplyment(ctx, merchantID, "applyment_id/"+strconv.FormatInt(applymentID, 10))
	if err == nil && s.ApplymentID != applymentID {
		return wx.ApplymentStatement{}, wx.ErrForged.Because(errElse)
	}
	return s, err
}

func (g *Gateway) askApplyment(ctx context.Context, merchantID, path string) (wx.ApplymentStatement, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.ApplymentStatement{}, err
	}
	var answer applymentAnswer
	if err := m.ask(ctx, onApplymentQuery, applyments+path, &answer); err != nil {
		return wx.ApplymentStatement{}, err
	}
	s, err := answer.statement()
	if err != nil {
		return wx.ApplymentStatement{}, wx.ErrBusy.Because(err)
	}
	return s, nil
}

// ask makes a GET and reads its answer.
func (m *merchant) ask(ctx context.Context, what endpoint, url string, answer any) error {
	return m.call(ctx, what, func() (*core.APIResult, error) {
		result, err := m.sdk.Get(ctx, url)
		if err != nil {
			return result, err
		}
		return result, core.UnMarshalResponse(result.Response, answer)
	})
}
