package wxpay

import (
	"context"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/app"
	"github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/h5"
	"github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/native"

	"wxhub/wx"
)

// prepayPartner asks for a payment to a sub merchant of a service provider (PROTOCOL §2.3).
func (m *merchant) prepayPartner(ctx context.Context, p wx.Prepay) (*string, *core.APIResult, error) {
	total := int64(p.Amount)
	switch p.Channel {
	case wx.ChannelNative:
		answer, result, err := (&native.NativeApiService{Client: m.sdk}).Prepay(ctx, native.PrepayRequest{
			SpAppid: &p.AppID, SpMchid: &p.MerchantID, SubAppid: optional(p.SubAppID), SubMchid: &p.SubMerchantID,
			Description: &p.Description, OutTradeNo: &p.OutTradeNo,
			TimeExpire: expiry(p), Attach: optional(p.Attach), NotifyUrl: &p.NotifyURL,
			Amount:     &native.Amount{Total: &total, Currency: &p.Currency},
			SettleInfo: (*native.SettleInfo)(settleInfo(p)),
		})
		if err != nil {
			return nil, result, err
		}
		return answer.CodeUrl, result, nil
	case wx.ChannelH5:
		answer, result, err := (&h5.H5ApiService{Client: m.sdk}).Prepay(ctx, h5.PrepayRequest{
			SpAppid: &p.AppID, SpMchid: &p.MerchantID, SubAppid: optional(p.SubAppID), SubMchid: &p.SubMerchantID,
			Description: &p.Description, OutTradeNo: &p.OutTradeNo,
			TimeExpire: expiry(p), Attach: optional(p.Attach), NotifyUrl: &p.NotifyURL,
			Amount:     &h5.Amount{Total: &total, Currency: &p.Currency},
			SettleInfo: (*h5.SettleInfo)(settleInfo(p)),
			SceneInfo:  &h5.SceneInfo{PayerClientIp: &p.ClientIP, H5Info: &h5.H5Info{Type: &wap}},
		})
		if err != nil {
			return nil, result, err
		}
		return answer.H5Url, result, nil
	case wx.ChannelApp:
		answer, result, err := (&app.AppApiService{Client: m.sdk}).Prepay(ctx, app.PrepayRequest{
			SpAppid: &p.AppID, SpMchid: &p.MerchantID, SubAppid: optional(p.SubAppID), SubMchid: &p.SubMerchantID,
			Description: &p.Description, OutTradeNo: &p.OutTradeNo,
			TimeExpire: expiry(p), Attach: optional(p.Attach), NotifyUrl: &p.NotifyURL,
			Amount:     &app.Amount{Total: &total, Currency: &p.Currency},
			SettleInfo: (*app.SettleInfo)(settleInfo(p)),
		})
		if err != nil {
			return nil, result, err
		}
		return answer.PrepayId, result, nil
	default: // JSAPI: Prepay has refused every other
		answer, result, err := (&jsapi.JsapiApiService{Client: m.sdk}).Prepay(ctx, jsapi.PrepayRequest{
			SpAppid: &p.AppID, SpMchid: &p.MerchantID, SubAppid: optional(p.SubAppID), SubMchid: &p.SubMerchantID,
			Description: &p.Description, OutTradeNo: &p.OutTradeNo,
			TimeExpire: expiry(p), Attach: optional(p.Attach), NotifyUrl: &p.NotifyURL,
			Amount:     &jsapi.Amount{Total: &total, Currency: &p.Currency},
			SettleInfo: (*jsapi.SettleInfo)(settleInfo(p)),
			Payer:      partnerPayer(p),
		})
		if err != nil {
			return nil, result, err
		}
		return answer.PrepayId, result, nil
	}
}

// partnerPayer names the payer in exactly one app: the sub merchant's when there is one.
func partnerPayer(p wx.Prepay) *jsapi.Payer {
	if p.SubAppID != "" {
		return &jsapi.Payer{SubOpenid: &p.OpenID}
	}
	return &jsapi.Payer{SpOpenid: &p.OpenID}
}
