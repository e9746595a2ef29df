package wxpay

import (
	"context"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/app"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/h5"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"

	"wxhub/wx"
)

// prepayDirect asks for a payment to a direct merchant (PROTOCOL §2.2). The SDK has the
// same request four times over, as four types.
func (m *merchant) prepayDirect(ctx context.Context, p wx.Prepay) (*string, *core.APIResult, error) {
	total := int64(p.Amount)
	switch p.Channel {
	case wx.ChannelNative:
		answer, result, err := (&native.NativeApiService{Client: m.sdk}).Prepay(ctx, native.PrepayRequest{
			Appid: &p.AppID, Mchid: &p.MerchantID, Description: &p.Description, OutTradeNo: &p.OutTradeNo,
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
			Appid: &p.AppID, Mchid: &p.MerchantID, Description: &p.Description, OutTradeNo: &p.OutTradeNo,
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
			Appid: &p.AppID, Mchid: &p.MerchantID, Description: &p.Description, OutTradeNo: &p.OutTradeNo,
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
			Appid: &p.AppID, Mchid: &p.MerchantID, Description: &p.Description, OutTradeNo: &p.OutTradeNo,
			TimeExpire: expiry(p), Attach: optional(p.Attach), NotifyUrl: &p.NotifyURL,
			Amount:     &jsapi.Amount{Total: &total, Currency: &p.Currency},
			SettleInfo: (*jsapi.SettleInfo)(settleInfo(p)),
			Payer:      &jsapi.Payer{Openid: &p.OpenID},
		})
		if err != nil {
			return nil, result, err
		}
		return answer.PrepayId, result, nil
	}
}
