package wxpay

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/model"
	"wxhub/wx"
)

// Merchant is a direct merchant in WeChat Pay public key mode.
type Merchant struct {
	ID          string
	CertSerial  string          // serial of the merchant API certificate, upper-case hex
	PrivateKey  *rsa.PrivateKey // of that certificate
	APIv3Key    model.Secret    // 32 bytes; decrypts notifications
	PublicKeyID string          // PUB_KEY_ID_…
	PublicKey   *rsa.PublicKey  // of WeChat Pay; verifies answers and notifications
}

// Gateway is WeChat Pay for all configured merchants. It is safe for concurrent use.
type Gateway struct {
	merchants map[string]*merchant
	now       func() time.Time
	entropy   io.Reader
}

type merchant struct {
	Merchant
	api      jsapi.JsapiApiService
	verifier auth.Verifier
}

// New makes a gateway; client comes from transport.NewClient. now is the wall
// clock: WeChat Pay refuses requests, and we refuse notifications, that are five
// minutes off it.
func New(ctx context.Context, client *http.Client, now func() time.Time, merchants []Merchant) (*Gateway, error) {
	g := &Gateway{merchants: map[string]*merchant{}, now: now, entropy: rand.Reader}
	for _, m := range merchants {
		sdk, err := core.NewClient(ctx,
			option.WithWechatPayPublicKeyAuthCipher(m.ID, m.CertSerial, m.PrivateKey, m.PublicKeyID, m.PublicKey),
			option.WithHTTPClient(client))
		if err != nil {
			return nil, fmt.Errorf("merchant %s: %w", m.ID, err)
		}
		g.merchants[m.ID] = &merchant{
			Merchant: m,
			api:      jsapi.JsapiApiService{Client: sdk},
			verifier: verifiers.NewSHA256WithRSAPubkeyVerifier(m.PublicKeyID, *m.PublicKey),
		}
	}
	return g, nil
}

func (g *Gateway) merchant(id string) (*merchant, error) {
	m, ok := g.merchants[id]
	if !ok {
		return nil, wx.ErrMerchantUnknown
	}
	return m, nil
}

// Invoke signs what the payer's client needs to open WeChat's payment sheet
// (PROTOCOL §3). It makes no call.
func (g *Gateway) Invoke(merchantID, appID, prepayID string) (wx.Invoke, error) {
	m, err := g.merchant(merchantID)
	if err != nil {
		return wx.Invoke{}, err
	}
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(g.entropy, nonce); err != nil {
		return wx.Invoke{}, err
	}
	return signInvoke(m.PrivateKey, appID, prepayID, g.now(), hex.EncodeToString(nonce))
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
