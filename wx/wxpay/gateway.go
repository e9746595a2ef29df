package wxpay

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/signers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"

	"wxhub/wx/transport"
)

// Gateway is WeChat Pay for all configured merchants. It is safe for concurrent use.
type Gateway struct {
	merchants map[string]*merchant
	now       func() time.Time
	entropy   io.Reader
}

type merchant struct {
	Merchant
	now          func() time.Time
	sdk          *core.Client
	files        *core.Client // for downloads, whose answers are not signed
	verifier     auth.Verifier
	certificates *certificates
}

// New makes a gateway; client comes from transport.NewClient. now is the wall
// clock: WeChat Pay refuses requests, and we refuse answers and notifications, that are
// five minutes off it. New makes no call: a merchant with platform certificates starts
// while WeChat Pay is away, and RenewCertificates fetches them.
//
// Errors: a merchant that is described incompletely.
func New(ctx context.Context, client *http.Client, now func() time.Time, merchants []Merchant) (*Gateway, error) {
	g := &Gateway{merchants: map[string]*merchant{}, now: now, entropy: rand.Reader}
	for _, m := range merchants {
		made, err := newMerchant(ctx, client, now, m)
		if err != nil {
			return nil, faulty(m, err)
		}
		g.merchants[m.ID] = made
	}
	return g, nil
}

func newMerchant(ctx context.Context, client *http.Client, now func() time.Time, m Merchant) (*merchant, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	out := verifying(now, m)
	signer := &signers.SHA256WithRSASigner{MchID: m.ID, CertificateSerialNo: m.CertSerial, PrivateKey: m.PrivateKey}
	sdk, err := core.NewClientWithDialSettings(ctx, &core.DialSettings{
		HTTPClient: client,
		Signer:     signer,
		Validator:  validator{out},
		Cipher:     cipherOf(out),
	})
	if err != nil {
		return nil, err
	}
	out.sdk = sdk
	out.files, err = core.NewClientWithDialSettings(ctx, &core.DialSettings{
		HTTPClient: transport.ForFiles(client),
		Signer:     signer,
		Validator:  &validators.NullValidator{},
	})
	return out, err
}

// verifying makes a merchant that can verify and decrypt, and not yet call.
func verifying(now func() time.Time, m Merchant) *merchant {
	out := &merchant{Merchant: m, now: now}
	out.certificates = newCertificates(now, out.download)
	out.verifier = m.verifierOver(out.certificates)
	return out
}

// verifierOver makes the verifier of this merchant: the public key for messages that
// carry its id, and the certificates for all others.
func (m Merchant) verifierOver(certificates core.CertificateGetter) auth.Verifier {
	if m.usesCertificates() {
		return verifiers.NewSHA256WithRSAVerifier(certificates)
	}
	return verifiers.NewSHA256WithRSACombinedVerifier(certificates, m.PublicKeyID, *m.PublicKey)
}
