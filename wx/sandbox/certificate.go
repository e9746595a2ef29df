package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// certificateLife is how long a platform certificate is valid, as on the platform.
const certificateLife = 5 * 365 * 24 * time.Hour

// certificate is a platform certificate with its key. It never changes.
type certificate struct {
	serial         string // 40 upper-case hex digits, also inside the certificate
	key            *rsa.PrivateKey
	pem            string
	begins, ceases time.Time
}

// newCertificate signs itself: nobody here follows a chain to a root. It is valid by the wall clock, because a client
// compares it with its own.
func newCertificate(key *rsa.PrivateKey, serial string, now time.Time) (*certificate, error) {
	number, ok := new(big.Int).SetString(serial, 16)
	if !ok {
		return nil, fmt.Errorf("sandbox: %q is no serial", serial)
	}
	begins := now.Add(-24 * time.Hour).Truncate(time.Second)
	template := &x509.Certificate{
		SerialNumber: number, NotBefore: begins, NotAfter: begins.Add(certificateLife),
		Subject:  pkix.Name{CommonName: "Tenpay.com sign", Organization: []string{"wxsandbox"}, Country: []string{"CN"}},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageDataEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("sandbox: platform certificate: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return &certificate{serial: serial, key: key, pem: string(text), begins: template.NotBefore, ceases: template.NotAfter}, nil
}

// newKey is the key of a certificate that nobody committed; it is random whatever the seed is.
func newKey() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("sandbox: key of a platform certificate: %w", err)
	}
	return key, nil
}
