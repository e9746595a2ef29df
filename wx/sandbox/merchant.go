package sandbox

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Merchant is a direct merchant, or with SubMerchants a service provider.
type Merchant struct {
	ID            string // 10 digits
	Name          string // as payers read it (商户简称); empty: ID
	APIv3Key      string // 32 characters; empty: not set in the console, so no notification is ever sent
	APIv2Key      string // 32 characters; empty: none
	CertSerial    string // upper-case hex serial of the merchant's API certificate
	PrivateKeyPEM string // the merchant's, PKCS #8; the platform uses only its public half

	Verification   string // how the platform signs for it at first: one of the Verify constants; empty: VerifyPublicKey
	PublicKeyID    string // PUB_KEY_ID_…, sent as Wechatpay-Serial; may be empty in VerifyCertificate
	PlatformPEM    string // WeChat Pay's private key under PublicKeyID, PKCS #8; may be empty in VerifyCertificate
	CertificatePEM string // WeChat Pay's private key of the first platform certificate; empty: made when it is needed

	AppIDs       []string
	H5Domains    []string // hosts that may open an H5 payment; empty: any, but none at all is refused
	SubMerchants []SubMerchant
}

// SubMerchant is paid through a service provider and never calls the platform itself.
type SubMerchant struct {
	ID     string
	Name   string // as payers read it; empty: ID
	AppIDs []string
}

// boundTo holds for nothing of a sub merchant that is none.
func (s *SubMerchant) boundTo(appID string) bool { return s != nil && slices.Contains(s.AppIDs, appID) }

// merchant is a Merchant with its keys parsed.
type merchant struct {
	Merchant
	public      *rsa.PublicKey  // verifies the merchant's requests
	platform    *rsa.PrivateKey // signs answers and notifications in public-key mode; nil: the merchant has no public key
	certificate *rsa.PrivateKey // of the first platform certificate; nil: not made yet

	mu     sync.Mutex
	joined []*SubMerchant // through an application
}

func (m *merchant) boundTo(appID string) bool { return slices.Contains(m.AppIDs, appID) }

// sub returns nil when there is none.
func (m *merchant) sub(id string) *SubMerchant {
	for i := range m.SubMerchants {
		if m.SubMerchants[i].ID == id {
			return &m.SubMerchants[i]
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, sub := range m.joined {
		if sub.ID == id {
			return sub
		}
	}
	return nil
}

// join takes a sub merchant in while the platform runs.
func (m *merchant) join(sub SubMerchant) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.joined = append(m.joined, &sub)
}

// subMerchants are all of them, those that joined last.
func (m *merchant) subMerchants() []SubMerchant {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.SubMerchants)
	for _, sub := range m.joined {
		all = append(all, *sub)
	}
	return all
}

// reset sends those who joined away.
func (m *merchant) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.joined = nil
}

// partner tells a service provider: it takes no money itself.
func (m *merchant) partner() bool { return len(m.SubMerchants) > 0 }

func parseMerchant(given Merchant) (*merchant, error) {
	if n := len(given.APIv3Key); n != 0 && n != 32 {
		return nil, fmt.Errorf("the APIv3 key has %d bytes, not 32", n)
	}
	if n := len(given.APIv2Key); n != 0 && n != 32 {
		return nil, fmt.Errorf("the APIv2 key has %d bytes, not 32", n)
	}
	if given.Verification == "" {
		given.Verification = VerifyPublicKey
	}
	if !knownMode(given.Verification) {
		return nil, ErrVerifyMode
	}
	own, err := parseKey(given.PrivateKeyPEM)
	if err != nil {
		return nil, fmt.Errorf("its private key: %w", err)
	}
	m := &merchant{Merchant: given, public: &own.PublicKey}
	if given.PlatformPEM != "" || given.Verification != VerifyCertificate {
		if m.platform, err = parseKey(given.PlatformPEM); err != nil {
			return nil, fmt.Errorf("the platform's key: %w", err)
		}
	}
	if given.CertificatePEM != "" {
		if m.certificate, err = parseKey(given.CertificatePEM); err != nil {
			return nil, fmt.Errorf("the key of the platform's certificate: %w", err)
		}
	}
	return m, nil
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
