package wxpay

import (
	"context"
	"net/http"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"wxhub/wx"
)

// transferBills is the product of 2025, which wechatpay-go has no service for. The names of
// the fields are those of gopay v1.5.123 and of WeChat Pay's documentation (merchant/4012716434).
const transferBills = consts.WechatPayAPIServer + "/v3/fund-app/mch-transfer/transfer-bills"

type transferRequest struct {
	Appid              string            `json:"appid"`
	OutBillNo          string            `json:"out_bill_no"`
	TransferSceneID    string            `json:"transfer_scene_id"`
	Openid             string            `json:"openid"`
	UserName           *string           `json:"user_name,omitempty" encryption:"EM_APIV3"`
	TransferAmount     int64             `json:"transfer_amount"`
	TransferRemark     string            `json:"transfer_remark"`
	NotifyURL          *string           `json:"notify_url,omitempty"`
	UserRecvPerception *string           `json:"user_recv_perception,omitempty"`
	Reports            []transferInfoRow `json:"transfer_scene_report_infos,omitempty"`
}

type transferInfoRow struct {
	InfoType    string `json:"info_type"`
	InfoContent string `json:"info_content"`
}

// Transfer asks WeChat Pay to pay one person. Usually the person must confirm, with
// PackageInfo; the end is told by a notification or QueryTransfer. Repeating it with the
// same values is safe, and is what to do whenever the outcome is not known: another
// number would pay twice.
//
// Errors: wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout,
// wx.ErrMerchantUnknown. After ErrBusy, ErrForged, ErrTimeout and ErrRateLimited it is not
// known whether WeChat Pay has it.
func (g *Gateway) Transfer(ctx context.Context, t wx.Transfer) (wx.TransferState, error) {
	return g.transfer(ctx, onTransfer, t.MerchantID, t.OutBillNo, func(ctx context.Context, m *merchant) (*core.APIResult, error) {
		r := transferRequest{ // made anew for each try: it is encrypted in place
			Appid: t.AppID, OutBillNo: t.OutBillNo, TransferSceneID: t.SceneID, Openid: t.OpenID, UserName: optional(t.UserName.Reveal()),
			TransferAmount: int64(t.Amount), TransferRemark: t.Remark, NotifyURL: optional(t.NotifyURL), UserRecvPerception: optional(t.Perception),
		}
		for _, info := range t.Reports {
			r.Reports = append(r.Reports, transferInfoRow{info.Type, info.Content})
		}
		if _, err := m.sdk.EncryptRequest(ctx, &r); err != nil {
			return nil, err
		}
		return m.sdk.Post(ctx, transferBills, r)
	})
}

// QueryTransfer asks WeChat Pay about one out_bill_no.
//
// Errors: wx.ErrTransferUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy,
// wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown.
func (g *Gateway) QueryTransfer(ctx context.Context, merchantID, outBillNo string) (wx.TransferState, error) {
	return g.transfer(ctx, onTransferQuery, merchantID, outBillNo, func(ctx context.Context, m *merchant) (*core.APIResult, error) {
		return m.sdk.Get(ctx, transferBills+"/out-bill-no/"+outBillNo)
	})
}

// CancelTransfer asks WeChat Pay to cancel a transfer that the receiver has not confirmed.
// WeChat Pay accepts that (CANCELING) and does it later; doing it twice is no error.
//
// Errors: those of QueryTransfer.
func (g *Gateway) CancelTransfer(ctx context.Context, merchantID, outBillNo string) (wx.TransferState, error) {
	return g.transfer(ctx, onTransferQuery, merchantID, outBillNo, func(ctx context.Context, m *merchant) (*core.APIResult, error) {
		return m.sdk.Request(ctx, http.MethodPost, transferBills+"/out-bill-no/"+outBillNo+"/cancel", nil, nil, nil, consts.ApplicationJSON)
	})
}

func (g *Gateway) transfer(
	ctx context.Context, what endpoint, merchantID, outBillNo string, do func(context.Context, *merchant) (*core.APIResult, error),
) (wx.TransferState, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.TransferState{}, err
	}
	var answer transferAnswer
	err = m.sealed(ctx, what, func(ctx context.Context) (*core.APIResult, error) {
		result, err := do(ctx, m)
		if err != nil {
			return result, err
		}
		answer = transferAnswer{}
		return result, core.UnMarshalResponse(result.Response, &answer)
	})
	if err != nil {
		return wx.TransferState{}, err
	}
	if answer.merchant() == "" { // a new transfer's answer and a cancellation's do not say it
		answer.MchID = merchantID
	}
	out, err := answer.state()
	if err != nil {
		return wx.TransferState{}, wx.ErrBusy.Because(err)
	}
	if out.OutBillNo != outBillNo || out.MerchantID != merchantID {
		return wx.TransferState{}, wx.ErrForged.Because(errElse)
	}
	return out, nil
}
