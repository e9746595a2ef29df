package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// Each guess about payments can be turned off.
func TestGuessesAboutPaymentsAreConfigurable(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.SameSubAppID, b.WrongAppKind, b.LoopbackClient, b.RefundGap, b.RefundTakes = nil, nil, nil, 0, time.Hour
	s := newPartnerStage(t, sandbox.Options{Behaviour: &b})
	s.placed("native", true, s.number(), set("sub_appid", sandbox.DefaultPartnerAccount))
	s.placed("app", true, s.number(), set("sp_appid", sandbox.DefaultPartnerAccount))
	s.placed("h5", true, s.number(), set("scene_info", map[string]any{"payer_client_ip": "127.0.0.1", "h5_info": map[string]any{"type": "Wap"}}))
	number, _ := s.paidOrderOf100()
	for _, refundNo := range []string{"refund-1", "refund-2"} {
		if answer := s.refund(number, refundNo, 50); answer.status != http.StatusOK {
			t.Errorf("%d %s", answer.status, answer.body)
		}
	}
	s.advance(time.Hour - time.Second)
	if got := s.refundQuery("refund-1").field("status"); got != "PROCESSING" {
		t.Error(got)
	}
	s.advance(time.Second)
	if got := s.refundQuery("refund-2").field("status"); got != "SUCCESS" {
		t.Error(got)
	}
}
