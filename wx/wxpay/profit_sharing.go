package wxpay

import (
	"context"
	"errors"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"

	"wxhub/wx"
)

// ShareProfit asks WeChat Pay to give receivers their parts of a payment, or, without
// receivers, to give what is left to the merchant. Usually it answers that it is being
// processed; QueryProfitSharing tells the end. Repeating it with the same values is safe, and is
// what to do whenever the outcome is not known.
//
// Errors: wx.ErrProfitSharingTooEarly, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy,
// wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input when the
// merchant and the sub merchant do not go together. After ErrBusy, ErrForged and
// ErrTimeout it is not known whether WeChat Pay shares.
func (g *Gateway) ShareProfit(ctx context.Context, p wx.ProfitSharing) (wx.ProfitSharingState, error) {
	m, err := g.find(wx.Trade{MerchantID: p.MerchantID, SubMerchantID: p.SubMerchantID})
	if err != nil {
		return wx.ProfitSharingState{}, err
	}
	return m.profitSharing(ctx, onProfitSharing, p.TransactionID, p.OutOrderNo, func(ctx context.Context, api *profitsharing.OrdersApiService) (*profitsharing.OrdersEntity, *core.APIResult, error) {
		if len(p.Receivers) == 0 {
			return api.UnfreezeOrder(ctx, profitsharing.UnfreezeOrderRequest{
				SubMchid: optional(p.SubMerchantID), TransactionId: &p.TransactionID, OutOrderNo: &p.OutOrderNo, Description: &p.Description,
			})
		}
		return api.CreateOrder(ctx, sharingRequest(p))
	})
}

func sharingRequest(p wx.ProfitSharing) profitsharing.CreateOrderRequest {
	r := profitsharing.CreateOrderRequest{
		Appid: &p.AppID, SubAppid: optional(p.SubAppID), SubMchid: optional(p.SubMerchantID),
		TransactionId: &p.TransactionID, OutOrderNo: &p.OutOrderNo, UnfreezeUnsplit: &p.UnfreezeUnsplit,
	}
	for _, part := range p.Receivers {
		amount := int64(part.Amount)
		r.Receivers = append(r.Receivers, profitsharing.CreateOrderReceiver{
			Type: &part.Type, Account: &part.Account, Name: optional(part.Name.Reveal()), Amount: &amount, Description: &part.Description,
		})
	}
	return r
}

// QueryProfitSharing asks WeChat Pay about one out_order_no of a payment, an unfreeze
// included. t names the merchant.
//
// Errors: wx.ErrProfitSharingUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy,
// wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input.
func (g *Gateway) QueryProfitSharing(ctx context.Context, t wx.Trade, transactionID, outOrderNo string) (wx.ProfitSharingState, error) {
	m, err := g.find(t)
	if err != nil {
		return wx.ProfitSharingState{}, err
	}
	return m.profitSharing(ctx, onProfitSharingQuery, transactionID, outOrderNo, func(ctx context.Context, api *profitsharing.OrdersApiService) (*profitsharing.OrdersEntity, *core.APIResult, error) {
		return api.QueryOrder(ctx, profitsharing.QueryOrderRequest{
			SubMchid: optional(t.SubMerchantID), TransactionId: &transactionID, OutOrderNo: &outOrderNo,
		})
	})
}

func (m *merchant) profitSharing(
	ctx context.Context, what endpoint, transactionID, outOrderNo string,
	do func(context.Context, *profitsharing.OrdersApiService) (*profitsharing.OrdersEntity, *core.APIResult, error),
) (wx.ProfitSharingState, error) {
	api := &profitsharing.OrdersApiService{Client: m.sdk}
	var answer *profitsharing.OrdersEntity
	err := m.sealed(ctx, what, func(ctx context.Context) (result *core.APIResult, err error) {
		answer, result, err = do(ctx, api)
		return result, err
	})
	if err != nil {
		return wx.ProfitSharingState{}, err
	}
	out, err := sharingOf(answer)
	if err != nil {
		return wx.ProfitSharingState{}, wx.ErrBusy.Because(err)
	}
	if out.OutOrderNo != outOrderNo || out.TransactionID != transactionID {
		return wx.ProfitSharingState{}, wx.ErrForged.Because(errElse)
	}
	return out, nil
}

// sealed is call for bodies with sensitive fields: the key is chosen once for both the
// fields and the header that names it.
func (m *merchant) sealed(ctx context.Context, what endpoint, do func(context.Context) (*core.APIResult, error)) error {
	if m.usesCertificates() {
		if err := m.certificates.ready(ctx); err != nil {
			return err
		}
	}
	ctx, _, err := m.sealing(ctx)
	if err != nil {
		return err
	}
	return verified(what, func() (*core.APIResult, error) { return do(ctx) })
}

// UnsplitAmount asks how much of a payment is still frozen for sharing, in fen. t names the merchant.
//
// Errors: wx.ErrProfitSharingUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy,
// wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input.
func (g *Gateway) UnsplitAmount(ctx context.Context, t wx.Trade, transactionID string) (int64, error) {
	m, err := g.find(t)
	if err != nil {
		return 0, err
	}
	var answer *profitsharing.QueryOrderAmountResponse
	err = m.call(ctx, onProfitSharingQuery, func() (result *core.APIResult, err error) {
		answer, result, err = (&profitsharing.TransactionsApiService{Client: m.sdk}).QueryOrderAmount(ctx,
			profitsharing.QueryOrderAmountRequest{TransactionId: &transactionID})
		return result, err
	})
	switch {
	case err != nil:
		return 0, err
	case answer == nil || answer.UnsplitAmount == nil || *answer.UnsplitAmount < 0:
		return 0, wx.ErrBusy.Because(errors.New("the answer has no believable unsplit_amount"))
	case value(answer.TransactionId) != transactionID:
		return 0, wx.ErrForged.Because(errElse)
	}
	return *answer.UnsplitAmount, nil
}
