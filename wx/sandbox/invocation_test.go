package sandbox_test

import (
	"errors"
	"testing"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

// invocation is what a correct client hands to the phone.
func (s *stage) invocation(prepayID string) sandbox.Invocation {
	s.t.Helper()
	inv := sandbox.Invocation{AppID: sandbox.DefaultMiniProgram, TimeStamp: "1554208460", NonceStr: "n", Package: "prepay_id=" + prepayID, SignType: "RSA"}
	sign, err := apiv3.Sign(s.key, apiv3.InvokeMessage(inv.AppID, inv.TimeStamp, inv.NonceStr, inv.Package))
	if err != nil {
		s.t.Fatal(err)
	}
	inv.PaySign = sign
	return inv
}

func TestPhoneVerifiesPaySign(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	id := s.prepay(s.number())
	for name, edit := range map[string]func(*sandbox.Invocation){
		"no prefix":     func(i *sandbox.Invocation) { i.Package = id },
		"signed as MD5": func(i *sandbox.Invocation) { i.SignType = "MD5" },
		"other app":     func(i *sandbox.Invocation) { i.AppID = sandbox.DefaultOfficialAccount },
		"other time":    func(i *sandbox.Invocation) { i.TimeStamp = "1554208461" },
		"no signature":  func(i *sandbox.Invocation) { i.PaySign = "" },
	} {
		inv := s.invocation(id)
		edit(&inv)
		var phone *sandbox.PhoneError
		if _, err := s.platform.CheckInvocation(inv); !errors.As(err, &phone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mini := s.invocation(id)
	mini.AppID = "" // wx.requestPayment has no such parameter
	if got, err := s.platform.CheckInvocation(mini); err != nil || got != id {
		t.Errorf("%q %v", got, err)
	}
}
