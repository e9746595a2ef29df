package sandbox_test

import (
	"crypto/rsa"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

func TestCertificateModeSignsWithTheListedCertificate(t *testing.T) {
	s, r := newPartnerStage(t, sandbox.Options{}), newReceiver(t, 204)
	serials, keys := s.certificates()
	if len(serials) != 1 || len(serials[0]) != 40 || strings.ToUpper(serials[0]) != serials[0] {
		t.Fatal(serials)
	}
	answer := s.v3(http.MethodPost, partnerRoot+"jsapi", s.channelBody("jsapi", true, s.number(), set("notify_url", r.url)))
	if s.signedWith(answer.header, answer.body, keys) != serials[0] {
		t.Errorf("%v", answer.header)
	}
	s.pay(answer.field("prepay_id"))
	if a := r.wait(t, 1)[0]; s.signedWith(a.header, a.body, keys) != serials[0] {
		t.Errorf("%v", a.header)
	}
	m := s.merchant
	if m.PublicKeyID != "" || m.PublicKeyPEM != "" || m.Mode != "partner" || m.Verification != "certificate" {
		t.Errorf("%+v", m)
	}
	for kind, status := range map[string]int{"RSA": 200, "ALL": 200, "SM2": 404, "MD5": 400} {
		if got := s.v3(http.MethodGet, "/v3/certificates?algorithm_type="+kind, ""); got.status != status {
			t.Errorf("%s: %d %s", kind, got.status, got.body)
		}
	}
}

func TestCertificatesRotateInThreeSteps(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	old, _ := s.certificates()
	signing := func() string {
		_, keys := s.certificates()
		answer := s.v3(http.MethodGet, "/v3/certificates", "")
		return s.signedWith(answer.header, answer.body, keys)
	}
	rotate := func(step string) response {
		return s.control(http.MethodPost, "/merchants/rotate", `{"mchid":"`+sandbox.DefaultPartner+`","step":"`+step+`"}`)
	}
	for _, early := range []string{"switch", "remove", "jump"} {
		if answer := rotate(early); answer.status != 409 {
			t.Errorf("%s: %d %s", early, answer.status, answer.body)
		}
	}
	rotate("add")
	both, _ := s.certificates()
	if len(both) != 2 || both[0] != old[0] || signing() != old[0] {
		t.Errorf("add: %v, signs %s", both, signing())
	}
	rotate("switch")
	if both, _ := s.certificates(); len(both) != 2 || signing() != both[1] {
		t.Errorf("switch: %v, signs %s", both, signing())
	}
	rotate("remove")
	if one, _ := s.certificates(); len(one) != 1 || one[0] != both[1] || signing() != both[1] {
		t.Errorf("remove: %v, signs %s", one, signing())
	}
	s.platform.Reset()
	if again, _ := s.certificates(); !slices.Equal(again, old) {
		t.Errorf("reset: %v, born with %v", again, old)
	}
}

// greySwitch is a direct merchant on its way from certificates to a public key, and all its keys.
func greySwitch(t *testing.T, percent string) (*stage, map[string]*rsa.PublicKey) {
	t.Helper()
	s := newStage(t, sandbox.Options{})
	set := s.control(http.MethodPost, "/merchants/verification", `{"mchid":"`+s.merchant.ID+`","mode":"both"`+percent+`}`)
	if set.status != 200 || set.field("public_key_id") != s.merchant.PublicKeyID {
		t.Fatalf("%d %s", set.status, set.body)
	}
	_, keys := s.certificates()
	keys[s.merchant.PublicKeyID] = publicKey(t, s.merchant.PublicKeyPEM)
	return s, keys
}

func TestGreySwitchSignsByPercentage(t *testing.T) {
	for percent, want := range map[string][2]int{`,"certificate_percent":0`: {0, 0}, `,"certificate_percent":100`: {40, 40}, "": {8, 32}} {
		s, keys := greySwitch(t, percent)
		byCertificate := 0
		for range 40 {
			answer := s.query("unknown-order")
			switch s.signedWith(answer.header, answer.body, keys) {
			case "":
				t.Fatalf("%s: not signed: %v", percent, answer.header)
			case s.merchant.PublicKeyID:
			default:
				byCertificate++
			}
		}
		if byCertificate < want[0] || byCertificate > want[1] {
			t.Errorf("%s: %d of 40 by certificate", percent, byCertificate)
		}
	}
}

func TestGreySwitchMixesCallbacks(t *testing.T) {
	s, keys := greySwitch(t, "")
	r, seen := newReceiver(t, 204), map[string]bool{}
	for len(seen) < 2 {
		n := len(r.all())
		s.paidOrder(r)
		a := r.wait(t, n+1)[n]
		serial := s.signedWith(a.header, a.body, keys)
		if serial == "" || n > 200 {
			t.Fatalf("%d: %v", n, a.header)
		}
		seen[serial] = true
	}
}

func TestGreySwitchFollowsTheRequestsSerial(t *testing.T) {
	s, keys := greySwitch(t, "")
	serials, _ := s.certificates()
	for _, wanted := range []string{s.merchant.PublicKeyID, serials[0]} {
		for range 10 {
			request := s.request(http.MethodPost, jsapi, s.prepayBody(s.number()))
			request.Header.Set("Wechatpay-Serial", wanted)
			answer := s.must(request)
			if got := s.signedWith(answer.header, answer.body, keys); got != wanted {
				t.Fatalf("wanted %s, signed with %q", wanted, got)
			}
		}
	}
}

func TestSwitchingEndsAndIsReversible(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	old, _ := s.certificates()
	state, err := s.platform.SetVerification(sandbox.DefaultPartner, sandbox.VerifyPublicKey, 0)
	if err != nil || state.PublicKeyID == "" || len(state.Certificates) != 0 {
		t.Fatalf("%+v %v", state, err)
	}
	if answer := s.v3(http.MethodGet, "/v3/certificates", ""); answer.status != 404 || answer.header.Get("Wechatpay-Serial") != state.PublicKeyID {
		t.Errorf("%d %v", answer.status, answer.header)
	}
	if m := s.platform.Credentials().Merchants[2]; m.PublicKeyPEM == "" || m.Verification != "public_key" {
		t.Errorf("%+v", m)
	}
	if _, err = s.platform.SetVerification(sandbox.DefaultPartner, sandbox.VerifyCertificate, 0); err != nil {
		t.Fatal(err)
	}
	if again, _ := s.certificates(); !slices.Equal(again, old) {
		t.Errorf("%v, before %v", again, old)
	}
	if got, err := s.platform.Verification(sandbox.DefaultPartner); err != nil || got.Signing != old[0] {
		t.Errorf("%+v %v", got, err)
	}
}

func TestMerchantWithoutAPublicKeyStaysInCertificateMode(t *testing.T) {
	merchants, err := sandbox.DefaultMerchants()
	if err != nil {
		t.Fatal(err)
	}
	merchants[2].PlatformPEM, merchants[2].PublicKeyID, merchants[2].CertificatePEM = "", "", ""
	s := newPartnerStage(t, sandbox.Options{Merchants: merchants})
	if serials, _ := s.certificates(); len(serials) != 1 {
		t.Error(serials)
	}
	if _, err := s.platform.SetVerification(sandbox.DefaultPartner, sandbox.VerifyBoth, 50); !errors.Is(err, sandbox.ErrNoPublicKey) {
		t.Error(err)
	}
}
