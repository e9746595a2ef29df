package wxpay

import (
	"crypto/rsa"
	"encoding/hex"
	"io"
	"strconv"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/wx"
)

// Invoke signs what the payer's client needs to open WeChat's payment sheet
// (PROTOCOL §3). appID is the app in which the payer pays: with a service provider the
// sub merchant's when there is one; the key is the service provider's all the same. It
// makes no call.
//
// Errors: wx.ErrMerchantUnknown.
func (g *Gateway) Invoke(merchantID, appID, prepayID string) (wx.Invoke, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.Invoke{}, err
	}
	nonce, err := g.nonce()
	if err != nil {
		return wx.Invoke{}, err
	}
	return signInvoke(m.PrivateKey, appID, prepayID, g.now(), nonce)
}

// InvokeApp signs what a mobile app hands to WeChat's OpenSDK (PROTOCOL §3). Unlike
// Invoke's, its signature covers the bare prepay_id.
//
// partnerid is the merchant's number and, with a service provider, the sub merchant's:
// so says WeChat Pay's partner documentation of "APP调起支付" (doc/v2/partner/4011986561), which
// also lets the service provider sign, and so do the reports in the field.
// wechatpay-java answers sp_mchid instead, wechatpay-go has no such helper for
// service providers, and the number is not part of what is signed.
//
// Errors: wx.ErrMerchantUnknown; invalid_input when the merchant and the sub merchant do
// not go together.
func (g *Gateway) InvokeApp(t wx.Trade, appID, prepayID string) (wx.AppInvoke, error) {
	m, err := g.find(t)
	if err != nil {
		return wx.AppInvoke{}, err
	}
	nonce, err := g.nonce()
	if err != nil {
		return wx.AppInvoke{}, err
	}
	partner := t.MerchantID
	if m.Partner {
		partner = t.SubMerchantID
	}
	return signInvokeApp(m.PrivateKey, appID, partner, prepayID, g.now(), nonce)
}

func (g *Gateway) nonce() (string, error) {
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(g.entropy, nonce); err != nil {
		return "", err
	}
	return hex.EncodeToString(nonce), nil
}

func signInvoke(key *rsa.PrivateKey, appID, prepayID string, at time.Time, nonce string) (wx.Invoke, error) {
	in := wx.Invoke{
		AppID:     appID,
		TimeStamp: strconv.FormatInt(at.Unix(), 10),
		NonceStr:  nonce,
		Package:   "prepay_id=" + prepayID,
		SignType:  "RSA",
	}
	message := in.AppID + "\n" + in.TimeStamp + "\n" + in.NonceStr + "\n" + in.Package + "\n"
	signature, err := utils.SignSHA256WithRSA(message, key)
	in.PaySign = signature
	return in, err
}

func signInvokeApp(key *rsa.PrivateKey, appID, partnerID, prepayID string, at time.Time, nonce string) (wx.AppInvoke, error) {
	in := wx.AppInvoke{
		AppID:     appID,
		PartnerID: partnerID,
		PrepayID:  prepayID,
		Package:   "Sign=WXPay",
		NonceStr:  nonce,
		Timestamp: strconv.FormatInt(at.Unix(), 10),
	}
	message := in.AppID + "\n" + in.Timestamp + "\n" + in.NonceStr + "\n" + in.PrepayID + "\n"
	signature, err := utils.SignSHA256WithRSA(message, key)
	in.Sign = signature
	return in, err
}
