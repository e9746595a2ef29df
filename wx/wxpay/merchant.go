package wxpay

import (
	"crypto/rsa"
	"errors"
	"fmt"

	"wxhub/model"
	"wxhub/wx"
)

// Merchant is a direct merchant or a service provider. It verifies WeChat Pay in one of
// three ways (PROTOCOL §1.4):
//   - with a public key, by the public key alone: what a merchant gets today;
//   - without one, by platform certificates, which the gateway downloads;
//   - with a public key, and WeChat Pay still signing some messages with a certificate
//     (during the grey switch from one to the other): by both at once. The certificates
//     are downloaded when the first such message shows up, never before.
type Merchant struct {
	ID          string          // mchid, or sp_mchid of a service provider
	Partner     bool            // a service provider: every payment belongs to a sub merchant
	AppID       string          // sp_appid, for a payment that names no app of its own
	CertSerial  string          // serial of the merchant API certificate, upper-case hex
	PrivateKey  *rsa.PrivateKey // of that certificate
	APIv3Key    model.Secret    // 32 bytes; decrypts notifications and platform certificates
	PublicKeyID string          // PUB_KEY_ID_…; "" with platform certificates
	PublicKey   *rsa.PublicKey  // of WeChat Pay; nil with platform certificates
}

// usesCertificates tells whether platform certificates are all that this merchant has.
func (m Merchant) usesCertificates() bool { return m.PublicKey == nil }

func (m Merchant) check() error {
	switch {
	case m.ID == "" || m.CertSerial == "" || m.PrivateKey == nil:
		return errors.New("it needs an id, a certificate serial and a private key")
	case m.APIv3Key.IsZero():
		return errors.New("it needs an APIv3 key")
	case (m.PublicKeyID == "") != (m.PublicKey == nil):
		return errors.New("the public key and its id go together")
	}
	return nil
}

// owns refuses a payment that this merchant cannot make: WeChat Pay would answer with a
// refusal that says less.
func (m Merchant) owns(t wx.Trade) error {
	switch {
	case m.Partner && t.SubMerchantID == "":
		return model.InvalidField("sub_merchant_id", "is required: merchant %s is a service provider", m.ID)
	case !m.Partner && t.SubMerchantID != "":
		return model.InvalidField("sub_merchant_id", "must be empty: merchant %s is not a service provider", m.ID)
	}
	return nil
}

// find looks up the merchant of a payment.
func (g *Gateway) find(t wx.Trade) (*merchant, error) {
	m, err := g.merchant(t.MerchantID)
	if err != nil {
		return nil, err
	}
	return m, m.owns(t)
}

func (g *Gateway) merchant(id string) (*merchant, error) {
	m, ok := g.merchants[id]
	if !ok {
		return nil, wx.ErrMerchantUnknown
	}
	return m, nil
}

func faulty(m Merchant, err error) error { return fmt.Errorf("merchant %s: %w", m.ID, err) }
