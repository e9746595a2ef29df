package sandbox

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// Merchant is a direct merchant in public-key mode.
type Merchant struct {
	ID            string // 10 digits
	APIv3Key      string // 32 characters; empty: not set in the console, so no notification is ever sent
	CertSerial    string // upper-case hex serial of the merchant's API certificate
	PrivateKeyPEM string // the merchant's, PKCS #8; the platform uses only its public half
	PublicKeyID   string // PUB_KEY_ID_…, sent as Wechatpay-Serial
	PlatformPEM   string // WeChat Pay's private key for this merchant, PKCS #8
	AppIDs        []string
}

// merchant is a Merchant with its keys parsed.
type merchant struct {
	Merchant
	public   *rsa.PublicKey  // verifies the merchant's requests
	platform *rsa.PrivateKey // signs answers and notifications
}

func (m *merchant) boundTo(appID string) bool { return slices.Contains(m.AppIDs, appID) }

// world is what does not change while the platform runs: apps and merchants.
type world struct {
	apps      []App
	merchants []*merchant
}

func newWorld(apps []App, merchants []Merchant) (*world, error) {
	w := &world{apps: slices.Clone(apps)}
	for i := range w.apps {
		a := &w.apps[i]
		if w.app(a.ID) != a {
			return nil, fmt.Errorf("sandbox: app %s is there twice", a.ID)
		}
		if err := a.checkPush(); err != nil {
			return nil, fmt.Errorf("sandbox: app %s: %w", a.ID, err)
		}
	}
	for _, given := range merchants {
		m, err := parseMerchant(given)
		if err != nil {
			return nil, fmt.Errorf("sandbox: merchant %s: %w", given.ID, err)
		}
		if w.merchant(m.ID) != nil {
			return nil, fmt.Errorf("sandbox: merchant %s is there twice", m.ID)
		}
		for _, id := range m.AppIDs {
			if w.app(id) == nil {
				return nil, fmt.Errorf("sandbox: merchant %s is bound to %s, which is not an app", m.ID, id)
			}
		}
		w.merchants = append(w.merchants, m)
	}
	return w, nil
}

// app returns nil when there is none.
func (w *world) app(id string) *App {
	for i := range w.apps {
		if w.apps[i].ID == id {
			return &w.apps[i]
		}
	}
	return nil
}

// merchant returns nil when there is none.
func (w *world) merchant(id string) *merchant {
	for _, m := range w.merchants {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func parseMerchant(given Merchant) (*merchant, error) {
	if n := len(given.APIv3Key); n != 0 && n != 32 {
		return nil, fmt.Errorf("the APIv3 key has %d bytes, not 32", n)
	}
	own, err := parseKey(given.PrivateKeyPEM)
	if err != nil {
		return nil, fmt.Errorf("its private key: %w", err)
	}
	platform, err := parseKey(given.PlatformPEM)
	if err != nil {
		return nil, fmt.Errorf("the platform's key: %w", err)
	}
	return &merchant{Merchant: given, public: &own.PublicKey, platform: platform}, nil
}

func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM block")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("not an RSA key")
	}
	if key.N.BitLen() < 2048 {
		return nil, fmt.Errorf("an RSA key of %d bits; the platform has 2048", key.N.BitLen())
	}
	return key, nil
}
