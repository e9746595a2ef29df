package app

import (
	"context"
	"crypto/tls"

	"wxhub/cmd/internal/config"
	"wxhub/pay"
	"wxhub/wx"
	"wxhub/wx/micropay"
	"wxhub/wx/transport"
	"wxhub/wx/wxpay"
)

// codePay charges payers' codes by the API that is configured for the merchant.
type codePay struct {
	v3   *wxpay.Gateway
	v2   *micropay.Gateway
	byV2 map[string]bool // merchants
}

func newCodePay(c *config.Config, v3 *wxpay.Gateway) (pay.CodePay, error) {
	out := codePay{v3: v3, byV2: map[string]bool{}}
	var merchants []micropay.Merchant
	for _, m := range c.Pay.Merchants {
		if m.CodePay != config.CodePayV2 {
			continue
		}
		client, err := transport.WithCertificate(hosts(c), &tls.Certificate{
			Certificate: [][]byte{m.Certificate.Raw}, PrivateKey: m.PrivateKey, Leaf: m.Certificate,
		})
		if err != nil {
			return nil, err
		}
		merchants = append(merchants, micropay.Merchant{
			ID: m.ID, Partner: m.Mode == config.ModePartner, AppID: m.AppID, Key: m.APIv2Key, Client: client,
		})
		out.byV2[m.ID] = true
	}
	var err error
	out.v2, err = micropay.New(merchants)
	return out, err
}

func (c codePay) of(t wx.CodeTrade) pay.CodePay {
	if c.byV2[t.MerchantID] {
		return c.v2
	}
	return c.v3
}

// PayCode, QueryCode and ReverseCode go to the merchant's API.
func (c codePay) PayCode(ctx context.Context, p wx.CodePayment) (wx.Transaction, error) {
	return c.of(p.CodeTrade).PayCode(ctx, p)
}

// QueryCode asks about a payment by code.
func (c codePay) QueryCode(ctx context.Context, t wx.CodeTrade) (wx.Transaction, error) {
	return c.of(t).QueryCode(ctx, t)
}

// ReverseCode takes one back.
func (c codePay) ReverseCode(ctx context.Context, t wx.CodeTrade) error {
	return c.of(t).ReverseCode(ctx, t)
}
