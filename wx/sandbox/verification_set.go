package sandbox

import "fmt"

// Steps of a rotation.
const (
	RotateAdd    = "add"    // a new certificate appears in the list; the old one goes on signing
	RotateSwitch = "switch" // the newest one signs
	RotateRemove = "remove" // all but the signing one disappear
)

// Verification tells how the platform signs for a merchant now. It returns ErrNoMerchant.
func (p *Platform) Verification(mchID string) (Verification, error) {
	p.verification.mu.Lock()
	defer p.verification.mu.Unlock()
	m, state := p.world.merchant(mchID), p.verification.byID[mchID]
	if m == nil || state == nil {
		return Verification{}, fmt.Errorf("%q: %w", mchID, ErrNoMerchant)
	}
	return state.shown(m), nil
}

func (s *verifying) shown(m *merchant) Verification {
	shown := Verification{MchID: m.ID, Mode: s.mode, CertificatePercent: s.percent, Certificates: []string{}}
	if s.mode != VerifyCertificate {
		shown.PublicKeyID = m.PublicKeyID
	}
	if s.mode == VerifyPublicKey {
		return shown
	}
	for _, c := range s.certs {
		shown.Certificates = append(shown.Certificates, c.serial)
	}
	shown.Signing = s.signing.serial
	return shown
}

// SetVerification switches a merchant to another mode; percent counts for VerifyBoth. It makes the first certificate
// when there is none. It returns ErrNoMerchant, ErrVerifyMode, ErrPercent or ErrNoPublicKey.
func (p *Platform) SetVerification(mchID, mode string, percent int) (Verification, error) {
	m := p.world.merchant(mchID)
	switch {
	case m == nil:
		return Verification{}, fmt.Errorf("%q: %w", mchID, ErrNoMerchant)
	case !knownMode(mode):
		return Verification{}, fmt.Errorf("%q: %w", mode, ErrVerifyMode)
	case percent < 0 || percent > 100:
		return Verification{}, ErrPercent
	case mode != VerifyCertificate && m.platform == nil:
		return Verification{}, ErrNoPublicKey
	}
	p.verification.mu.Lock()
	defer p.verification.mu.Unlock()
	state := p.verification.byID[mchID]
	if mode != VerifyPublicKey {
		if err := p.verification.certify(m, state); err != nil {
			return Verification{}, err
		}
	}
	state.mode, state.percent = mode, percent
	return state.shown(m), nil
}

// RotateCertificate carries out one step of a rotation. Each step can be seen from outside before the next, as on the
// platform, where days lie between them. It returns ErrNoMerchant or ErrRotation.
func (p *Platform) RotateCertificate(mchID, step string) (Verification, error) {
	m := p.world.merchant(mchID)
	if m == nil {
		return Verification{}, fmt.Errorf("%q: %w", mchID, ErrNoMerchant)
	}
	p.verification.mu.Lock()
	defer p.verification.mu.Unlock()
	state := p.verification.byID[mchID]
	if state.mode == VerifyPublicKey {
		return Verification{}, ErrRotation
	}
	if err := p.verification.rotate(m, state, step); err != nil {
		return Verification{}, err
	}
	return state.shown(m), nil
}

func (v *verifications) rotate(m *merchant, state *verifying, step string) error {
	newest := state.certs[len(state.certs)-1]
	switch step {
	case RotateAdd:
		key, err := newKey()
		if err != nil {
			return err
		}
		state.made++
		next, err := newCertificate(key, v.ids.certificateSerial(m.ID, state.made), v.clock.wall())
		if err != nil {
			return err
		}
		state.certs = append(state.certs, next)
	case RotateSwitch:
		if newest == state.signing {
			return ErrRotation
		}
		state.signing = newest
	case RotateRemove:
		if len(state.certs) == 1 {
			return ErrRotation
		}
		state.certs = []*certificate{state.signing}
	default:
		return fmt.Errorf("%q: %w", step, ErrRotation)
	}
	return nil
}
