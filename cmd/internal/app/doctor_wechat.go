package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wxhub/cmd/internal/config"
	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/wxpay"
)

// noSuchOrder is a number that no order has: it is not as ours are.
const noSuchOrder = "wxhub-doctor-asks-for-nothing"

// renewSoon is how long before a certificate ends its owner is told.
const renewSoon = 30 * 24 * time.Hour

// merchants asks WeChat Pay, in the name of each merchant, about an order that there is
// not: that it says so shows that it knows the signature.
func (d *doctor) merchants(ctx context.Context) error {
	gateway, err := wxpay.New(ctx, d.client, time.Now, merchants(d.config))
	if err != nil {
		return err
	}
	for i, m := range d.config.Pay.Merchants {
		name := fmt.Sprintf("pay.merchants[%d]", i)
		d.check(ctx, name, func(ctx context.Context) (string, error) {
			trade := wx.Trade{MerchantID: m.ID, OutTradeNo: noSuchOrder}
			if len(m.SubMerchants) > 0 {
				trade.SubMerchantID = m.SubMerchants[0].ID
			}
			if _, err := gateway.Query(ctx, trade); !errors.Is(err, wx.ErrTradeUnknown) {
				return "", ailment{fmt.Errorf("%s: %w", m.ID, orNoError(err)), merchantRemedy(err)}
			}
			return m.ID + ": WeChat Pay knows its signature", nil
		})
		if m.PublicKey == nil {
			d.check(ctx, name, func(ctx context.Context) (string, error) { return d.platformCertificate(ctx, gateway, m) })
		}
		if m.Certificate != nil && time.Until(m.Certificate.NotAfter) < renewSoon {
			d.advise(name, fmt.Sprintf("%s: certificate ends on %s", m.ID, m.Certificate.NotAfter.Format(time.DateOnly)), "renew it on the merchant platform")
		}
	}
	return nil
}

// platformCertificate downloads what answers and notifications are verified by, which also
// shows that the APIv3 key is right: it is encrypted with it.
func (d *doctor) platformCertificate(ctx context.Context, gateway *wxpay.Gateway, m config.Merchant) (string, error) {
	err := gateway.RenewCertificates(ctx) // of all merchants; what matters is what this one has then
	until := gateway.CertificateExpiry(m.ID)
	if until.IsZero() {
		return "", ailment{fmt.Errorf("%s: no platform certificate: %w", m.ID, orNoError(err)),
			"check api_v3_key; a merchant that WeChat Pay gave a public key needs wechatpay_public_key and its id instead"}
	}
	return fmt.Sprintf("%s: platform certificate, until %s; the APIv3 key fits", m.ID, until.Format(time.DateOnly)), nil
}

// orNoError stands in where an answer was no error, and should have been one.
func orNoError(err error) error {
	if err == nil {
		return errors.New("WeChat Pay answered what nobody asked for")
	}
	return err
}

// tokenRemedy tells what to do when WeChat gives no access token (PROTOCOL §6).
func tokenRemedy(err error) string {
	switch code := upstreamCode(err); code {
	case "40125", "40001", "41004":
		return "enter the AppSecret of WeChat's console; who resets it there must change it here too"
	case "40013", "41002":
		return "the app id is not one of WeChat's: compare it with the console"
	case "40164":
		return "add the address that the message names to the IP allow list of the app in WeChat's console"
	case "":
		return "look at wechat.endpoints.api first"
	}
	return "look the code up in WeChat's list of error codes"
}

// merchantRemedy tells what to do when WeChat Pay does not take a signed question.
func merchantRemedy(err error) string {
	switch code := upstreamCode(err); {
	case strings.Contains(code, "SIGN_ERROR"):
		return "cert_serial, private_key and id must belong together: take serial and key from one certificate of this merchant (merchant platform, API security)"
	case code == "NO_AUTH", code == "MCH_NOT_EXISTS", code == "PARAM_ERROR", code == "INVALID_REQUEST":
		return "check the merchant id, and for a service provider that the sub merchant is bound to it"
	case errors.Is(err, wx.ErrForged):
		return "the answer is signed with another key: check wechatpay_public_key and its id, or leave both out for platform certificates"
	case errors.Is(err, wx.ErrTimeout), errors.Is(err, wx.ErrBusy):
		return "look at wechat.endpoints.mch first, then try again"
	}
	return "look the code up in WeChat Pay's documentation"
}

func upstreamCode(err error) string {
	if err == nil {
		return ""
	}
	if u := model.AsError(err).Upstream; u != nil {
		return u.Code
	}
	return ""
}
