package wxpay

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	service "github.com/wechatpay-apiv3/wechatpay-go/services/certificates"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/wx"
)

// download asks WeChat Pay for this merchant's platform certificates.
//
// Errors: wx.ErrRejected (a merchant without certificates: RESOURCE_NOT_EXISTS),
// wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged, wx.ErrTimeout.
func (m *merchant) download(ctx context.Context) ([]*x509.Certificate, error) {
	b := &bootstrap{validator: validator{m}}
	api := service.CertificatesApiService{Client: core.NewClientWithValidator(m.sdk, b)}
	err := verified(onCertificates, func() (*core.APIResult, error) {
		_, result, err := api.DownloadCertificates(ctx)
		return result, err
	})
	if err != nil {
		return nil, err
	}
	return b.opened, nil
}

// bootstrap verifies the answer that brings the certificates, which are not known
// before it came. The first trust is the APIv3 key: only WeChat Pay and this merchant
// know it, and AEAD_AES_256_GCM lets nothing decrypt that was not encrypted with it. Each
// certificate is therefore WeChat Pay's own, and the answer is then verified like any
// other, with those certificates beside the keys that were known before.
type bootstrap struct {
	validator
	opened []*x509.Certificate
}

// Validate opens the certificates and verifies the answer with them.
func (b *bootstrap) Validate(ctx context.Context, answer *http.Response) error {
	b.opened = nil
	body, err := bodyOf(answer)
	if err != nil {
		return err
	}
	opened, err := b.m.openCertificates(body)
	if err != nil {
		return wx.ErrForged.Because(err)
	}
	known := slices.AppendSeq(slices.Clone(opened), maps.Values(b.m.certificates.GetAll(ctx)))
	by := b.m.verifierOver(core.NewCertificateMapWithList(known))
	if err := verify(ctx, by, headersOf(answer.Header.Get), body, b.m.now()); err != nil {
		return wx.ErrForged.Because(fmt.Errorf("platform certificates: %w", err))
	}
	b.opened = opened
	return nil
}

// sealedCertificates is the answer of /v3/certificates. The validity is read from the
// certificates themselves.
type sealedCertificates struct {
	Data []struct {
		SerialNo string `json:"serial_no"`
		Sealed   struct {
			Algorithm      string `json:"algorithm"`
			Nonce          string `json:"nonce"`
			AssociatedData string `json:"associated_data"`
			Ciphertext     string `json:"ciphertext"`
		} `json:"encrypt_certificate"`
	} `json:"data"`
}

func (m Merchant) openCertificates(body []byte) ([]*x509.Certificate, error) {
	var answer sealedCertificates
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, errors.New("the platform certificates are not JSON")
	}
	var out []*x509.Certificate
	for _, one := range answer.Data {
		pem, err := decrypt(m.APIv3Key, one.Sealed.Algorithm, one.Sealed.AssociatedData, one.Sealed.Nonce, one.Sealed.Ciphertext)
		if err != nil {
			return nil, fmt.Errorf("platform certificate: %w", err)
		}
		cert, err := utils.LoadCertificate(string(pem))
		if err != nil {
			return nil, errors.New("a platform certificate is not a certificate")
		}
		if !strings.EqualFold(one.SerialNo, utils.GetCertificateSerialNumber(*cert)) {
			return nil, errors.New("a platform certificate is listed under a serial that is not its own")
		}
		if _, ok := cert.PublicKey.(*rsa.PublicKey); ok { // one of SM2 is of no use here
			out = append(out, cert)
		}
	}
	return out, nil
}
