package sandbox

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
)

// Credentials are what a client needs to talk to the platform.
type Credentials struct {
	Apps      []AppCredentials      `json:"apps"`
	Merchants []MerchantCredentials `json:"merchants"`
}

// AppCredentials belong to one app. Kind is mini_program, official_account, website or mobile_app.
type AppCredentials struct {
	ID           string `json:"id"`
	Kind         string `json:"kind"`
	Secret       string `json:"secret"`
	OpenPlatform string `json:"open_platform,omitempty"`
	Token        string `json:"token,omitempty"`   // of message push
	AESKey       string `json:"aes_key,omitempty"` // EncodingAESKey of message push
}

// Modes of a merchant in its credentials.
const (
	ModeDirect  = "direct"
	ModePartner = "partner" // a service provider
)

// MerchantCredentials belong to one merchant. PublicKeyPEM is WeChat Pay's public key for it (PKIX), and PublicKeyID the
// name under which answers and notifications are signed with it; both are empty while Verification is certificate.
type MerchantCredentials struct {
	ID            string   `json:"id"`
	APIv3Key      string   `json:"api_v3_key"`
	APIv2Key      string   `json:"api_v2_key,omitempty"` // for APIv2
	CertSerial    string   `json:"cert_serial"`
	PrivateKeyPEM string   `json:"private_key_pem"`
	PublicKeyID   string   `json:"public_key_id,omitempty"`
	PublicKeyPEM  string   `json:"public_key_pem,omitempty"`
	AppIDs        []string `json:"app_ids"`

	Mode         string                   `json:"mode"`         // direct or partner
	Verification string                   `json:"verification"` // public_key, certificate or both
	SubMerchants []SubMerchantCredentials `json:"sub_merchants,omitempty"`
}

// SubMerchantCredentials belong to one sub merchant, which has no keys.
type SubMerchantCredentials struct {
	ID     string   `json:"id"`
	AppIDs []string `json:"app_ids"`
}

// Credentials returns a copy of all of them.
func (p *Platform) Credentials() Credentials {
	var c Credentials
	for _, a := range p.console.list() {
		c.Apps = append(c.Apps, AppCredentials{ID: a.ID, Kind: a.Kind, Secret: a.Secret, OpenPlatform: a.OpenPlatform, Token: a.Token, AESKey: a.AESKey})
	}
	for _, m := range p.world.merchants {
		c.Merchants = append(c.Merchants, m.credentials(p.verification.mode(m.ID)))
	}
	return c
}

func (m *merchant) credentials(verification string) MerchantCredentials {
	c := MerchantCredentials{
		ID: m.ID, APIv3Key: m.APIv3Key, APIv2Key: m.APIv2Key, CertSerial: m.CertSerial, PrivateKeyPEM: m.PrivateKeyPEM,
		AppIDs: slices.Clone(m.AppIDs), Mode: ModeDirect, Verification: verification,
	}
	if verification != VerifyCertificate {
		c.PublicKeyID, c.PublicKeyPEM = m.PublicKeyID, m.publicKeyPEM()
	}
	for _, sub := range m.subMerchants() {
		c.Mode = ModePartner
		c.SubMerchants = append(c.SubMerchants, SubMerchantCredentials{sub.ID, append([]string{}, sub.AppIDs...)})
	}
	return c
}

// publicKeyPEM is WeChat Pay's public key. Marshalling an RSA public key cannot fail.
func (m *merchant) publicKeyPEM() string {
	der, err := x509.MarshalPKIXPublicKey(&m.platform.PublicKey)
	if err != nil {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
