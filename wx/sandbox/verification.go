package sandbox

import (
	"crypto/rsa"
	"errors"
	"strings"
	"sync"
)

// Ways in which the platform signs for a merchant.
const (
	VerifyPublicKey   = "public_key"  // with the WeChat Pay public key's private half; no platform certificates
	VerifyCertificate = "certificate" // with a platform certificate
	VerifyBoth        = "both"        // the grey switch: some with this, some with that
)

// Errors of SetVerification and RotateCertificate.
var (
	ErrNoMerchant  = errors.New("no such merchant; GET /sandbox/credentials lists them")
	ErrVerifyMode  = errors.New("mode is public_key, certificate or both")
	ErrPercent     = errors.New("certificate_percent is between 0 and 100")
	ErrNoPublicKey = errors.New("the merchant was born without a WeChat Pay public key, so certificate is its only mode")
	ErrRotation    = errors.New("step is add, switch or remove, in this order; only a merchant with platform certificates has any to rotate")
)

// Verification is how the platform signs for a merchant at the moment.
type Verification struct {
	MchID              string   `json:"mchid"`
	Mode               string   `json:"mode"`
	CertificatePercent int      `json:"certificate_percent"` // of callbacks, and of answers to requests that name no serial; for both
	PublicKeyID        string   `json:"public_key_id,omitempty"`
	Certificates       []string `json:"certificates"` // serials that /v3/certificates lists, oldest first
	Signing            string   `json:"signing,omitempty"`
}

// verifying is the changing half of a merchant: its mode and its certificates.
type verifying struct {
	mode    string
	percent int
	certs   []*certificate
	made    int // how many certificates there ever were, to number them
	signing *certificate
}

// verifications are those of all merchants.
type verifications struct {
	world *world
	clock *clock
	ids   *idMaker

	mu   sync.Mutex
	byID map[string]*verifying
}

func newVerifications(w *world, c *clock, ids *idMaker) (*verifications, error) {
	v := &verifications{world: w, clock: c, ids: ids}
	return v, v.reset()
}

// reset returns to how the merchants were born.
func (v *verifications) reset() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.byID = map[string]*verifying{}
	for _, m := range v.world.merchants {
		state := &verifying{mode: m.Verification, percent: evenly}
		if m.Verification != VerifyPublicKey {
			if err := v.certify(m, state); err != nil {
				return err
			}
		}
		v.byID[m.ID] = state
	}
	return nil
}

// evenly is the percentage of VerifyBoth until somebody sets another.
const evenly = 50

// certify makes the first certificate of a merchant that has none.
func (v *verifications) certify(m *merchant, state *verifying) error {
	if len(state.certs) > 0 {
		return nil
	}
	if m.certificate == nil {
		key, err := newKey()
		if err != nil {
			return err
		}
		m.certificate = key
	}
	first, err := newCertificate(m.certificate, v.ids.certificateSerial(m.ID, 1), v.clock.wall())
	if err != nil {
		return err
	}
	state.certs, state.signing, state.made = []*certificate{first}, first, 1
	return nil
}

// signer is the key for one signature and the serial it goes by. wanted is the request's Wechatpay-Serial; empty
// when it named none, and for callbacks.
func (v *verifications) signer(m *merchant, wanted string) (string, *rsa.PrivateKey) {
	v.mu.Lock()
	defer v.mu.Unlock()
	state := v.byID[m.ID]
	if state.byCertificate(wanted, v.ids) {
		return state.signing.serial, state.signing.key
	}
	return m.PublicKeyID, m.platform
}

func (s *verifying) byCertificate(wanted string, ids *idMaker) bool {
	switch {
	case s.mode != VerifyBoth:
		return s.mode == VerifyCertificate
	case wanted == "":
		return ids.percent() < s.percent
	default:
		return !strings.HasPrefix(wanted, publicKeyPrefix)
	}
}

const publicKeyPrefix = "PUB_KEY_ID_"

// key is the private half of what a client encrypted with; nil when that serial is not the merchant's at the moment.
func (v *verifications) key(m *merchant, serial string) *rsa.PrivateKey {
	v.mu.Lock()
	defer v.mu.Unlock()
	state := v.byID[m.ID]
	if state.mode != VerifyCertificate && serial == m.PublicKeyID {
		return m.platform
	}
	for _, c := range state.certs {
		if state.mode != VerifyPublicKey && serial == c.serial {
			return c.key
		}
	}
	return nil
}

// mode is the merchant's at the moment.
func (v *verifications) mode(mchID string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.byID[mchID].mode
}

// listed are the certificates that the merchant can download now.
func (v *verifications) listed(mchID string) []*certificate {
	v.mu.Lock()
	defer v.mu.Unlock()
	state := v.byID[mchID]
	if state.mode == VerifyPublicKey {
		return nil
	}
	return append([]*certificate(nil), state.certs...)
}

func knownMode(mode string) bool {
	return mode == VerifyPublicKey || mode == VerifyCertificate || mode == VerifyBoth
}
