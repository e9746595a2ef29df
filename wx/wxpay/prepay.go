package wxpay

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"

	"wxhub/model"
	"wxhub/wx"
)

// chinaTime is the zone that WeChat Pay writes its times in.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// maxAnswer bounds what prepay answers: a prepay_id has 64 characters, a URL a few more.
const maxAnswer = 512

// Prepay asks WeChat Pay to expect a payment. It returns what the channel needs next:
// a prepay_id for JSAPI and App, valid for two hours (see Invoke and InvokeApp); the
// code_url for Native, to be shown as a QR code, valid for two hours; the h5_url for H5, to
// be opened by the payer's browser within five minutes. Repeating it with the same
// values is safe.
//
// Errors: wx.ErrTradePaid, wx.ErrTradeClosed, wx.ErrTradeDiffers, wx.ErrRejected,
// wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout, wx.ErrMerchantUnknown;
// invalid_input for what cannot be asked at all, without a call. After ErrBusy, ErrForged
// and ErrTimeout it is not known whether WeChat holds the number.
func (g *Gateway) Prepay(ctx context.Context, p wx.Prepay) (string, error) {
	m, err := g.find(p.Trade)
	if err != nil {
		return "", err
	}
	if p.AppID == "" {
		p.AppID = m.AppID
	}
	if err := askable(p); err != nil {
		return "", err
	}
	prepay := m.prepayDirect
	if m.Partner {
		prepay = m.prepayPartner
	}
	var answer *string
	err = m.call(ctx, onTrade, func() (result *core.APIResult, err error) {
		answer, result, err = prepay(ctx, p)
		return result, err
	})
	if err != nil {
		return "", err
	}
	if out := value(answer); usable(p.Channel, out) {
		return out, nil
	}
	return "", wx.ErrBusy.Because(errors.New("prepay answered without a usable prepay_id or URL"))
}

// askable refuses what WeChat Pay would refuse with fewer words.
func askable(p wx.Prepay) error {
	switch p.Channel {
	case wx.ChannelJSAPI:
		if p.OpenID == "" {
			return model.InvalidField("openid", "is required: JSAPI collects from one person")
		}
	case wx.ChannelH5:
		if net.ParseIP(p.ClientIP) == nil {
			return model.InvalidField("client_ip", "must be the IP address of the payer's browser")
		}
	case wx.ChannelNative, wx.ChannelApp:
	default:
		return model.InvalidField("channel", "must be jsapi, native, h5 or app")
	}
	if p.SubAppID != "" && p.SubMerchantID == "" {
		return model.InvalidField("sub_app_id", "needs a sub merchant")
	}
	return nil
}

// usable checks the shape of what the payer's client will be given.
func usable(c wx.Channel, answer string) bool {
	if answer == "" || len(answer) > maxAnswer || strings.ContainsFunc(answer, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	switch c {
	case wx.ChannelNative:
		return strings.HasPrefix(answer, "weixin://")
	case wx.ChannelH5:
		u, err := url.Parse(answer)
		return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
	}
	return len(answer) <= 128
}

// optional leaves a field out: WeChat Pay accepts neither null nor "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// settleInfo is settle_info, which only a payment to be shared has. The SDK has it once for
// each channel.
func settleInfo(p wx.Prepay) *jsapi.SettleInfo {
	if !p.ProfitSharing {
		return nil
	}
	return &jsapi.SettleInfo{ProfitSharing: &p.ProfitSharing}
}

// expiry is time_expire, to the second.
func expiry(p wx.Prepay) *time.Time {
	if p.ExpiresAt.IsZero() {
		return nil
	}
	return core.Time(p.ExpiresAt.Truncate(time.Second).In(chinaTime))
}

// wap is the h5_info.type of any mobile browser; the others name an app.
var wap = "Wap"
