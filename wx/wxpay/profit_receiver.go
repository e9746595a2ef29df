package wxpay

import (
	"context"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"

	"wxhub/wx"
)

// AddReceiver lets somebody receive parts of a merchant's payments; adding twice is no error
// at WeChat Pay.
//
// Errors: wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout,
// wx.ErrMerchantUnknown; invalid_input when the merchant and the sub merchant do not go
// together.
func (g *Gateway) AddReceiver(ctx context.Context, r wx.Receiver) error {
	m, err := g.find(wx.Trade{MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID})
	if err != nil {
		return err
	}
	kind, relation := profitsharing.ReceiverType(r.Type), profitsharing.ReceiverRelationType(r.Relation)
	return m.sealed(ctx, onReceiver, func(ctx context.Context) (*core.APIResult, error) {
		_, result, err := (&profitsharing.ReceiversApiService{Client: m.sdk}).AddReceiver(ctx, profitsharing.AddReceiverRequest{
			Appid: core.String(m.appOr(r.AppID)), SubAppid: optional(r.SubAppID), SubMchid: optional(r.SubMerchantID),
			Type: &kind, Account: &r.Account, Name: optional(r.Name.Reveal()), RelationType: &relation, CustomRelation: optional(r.CustomRelation),
		})
		return result, err
	})
}

// DeleteReceiver takes that back.
//
// Errors: those of AddReceiver.
func (g *Gateway) DeleteReceiver(ctx context.Context, r wx.Receiver) error {
	m, err := g.find(wx.Trade{MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID})
	if err != nil {
		return err
	}
	kind := profitsharing.ReceiverType(r.Type)
	return m.call(ctx, onReceiver, func() (*core.APIResult, error) {
		_, result, err := (&profitsharing.ReceiversApiService{Client: m.sdk}).DeleteReceiver(ctx, profitsharing.DeleteReceiverRequest{
			Appid: core.String(m.appOr(r.AppID)), SubAppid: optional(r.SubAppID), SubMchid: optional(r.SubMerchantID), Type: &kind, Account: &r.Account,
		})
		return result, err
	})
}

// appOr is the app that a call names: a service provider's is its own.
func (m Merchant) appOr(appID string) string {
	if appID == "" || m.Partner {
		return m.AppID
	}
	return appID
}
