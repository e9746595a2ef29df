package wxpay

import (
	"context"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"

	"wxhub/wx"
)

// ReturnProfit asks WeChat Pay to take a part back from a merchant that received it.
// Repeating it with the same values is safe, and is what to do when the outcome is not known.
//
// Errors: wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged,
// wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input when the merchant and the sub
// merchant do not go together.
func (g *Gateway) ReturnProfit(ctx context.Context, r wx.ProfitReturn) (wx.ProfitReturnState, error) {
	amount := int64(r.Amount)
	return g.profitReturn(ctx, onProfitSharing, r, func(api *profitsharing.ReturnOrdersApiService) (*profitsharing.ReturnOrdersEntity, *core.APIResult, error) {
		return api.CreateReturnOrder(ctx, profitsharing.CreateReturnOrderRequest{
			SubMchid: optional(r.SubMerchantID), OutOrderNo: &r.OutOrderNo, OutReturnNo: &r.OutReturnNo,
			ReturnMchid: &r.From, Amount: &amount, Description: &r.Description,
		})
	})
}

// QueryProfitReturn asks WeChat Pay about one out_return_no.
//
// Errors: wx.ErrProfitSharingUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy,
// wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input.
func (g *Gateway) QueryProfitReturn(ctx context.Context, r wx.ProfitReturn) (wx.ProfitReturnState, error) {
	return g.profitReturn(ctx, onProfitSharingQuery, r, func(api *profitsharing.ReturnOrdersApiService) (*profitsharing.ReturnOrdersEntity, *core.APIResult, error) {
		return api.QueryReturnOrder(ctx, profitsharing.QueryReturnOrderRequest{
			SubMchid: optional(r.SubMerchantID), OutOrderNo: &r.OutOrderNo, OutReturnNo: &r.OutReturnNo,
		})
	})
}

func (g *Gateway) profitReturn(
	ctx context.Context, what endpoint, r wx.ProfitReturn,
	do func(*profitsharing.ReturnOrdersApiService) (*profitsharing.ReturnOrdersEntity, *core.APIResult, error),
) (wx.ProfitReturnState, error) {
	m, err := g.find(wx.Trade{MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID})
	if err != nil {
		return wx.ProfitReturnState{}, err
	}
	api := &profitsharing.ReturnOrdersApiService{Client: m.sdk}
	var answer *profitsharing.ReturnOrdersEntity
	err = m.call(ctx, what, func() (result *core.APIResult, err error) {
		answer, result, err = do(api)
		return result, err
	})
	if err != nil {
		return wx.ProfitReturnState{}, err
	}
	out, err := profitReturnOf(answer)
	if err != nil {
		return wx.ProfitReturnState{}, wx.ErrBusy.Because(err)
	}
	if out.OutReturnNo != r.OutReturnNo || out.OutOrderNo != r.OutOrderNo {
		return wx.ProfitReturnState{}, wx.ErrForged.Because(errElse)
	}
	return out, nil
}
