package sandbox_test

import (
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestFaultsStrikeRefundsAndTheirNotifications(t *testing.T) {
	for kind, sees := range map[string]func(s *stage, n notified, genuine bool) bool{
		"wrong_amount":  func(_ *stage, n notified, _ bool) bool { return n.plain.Amount.Refund != 100 },
		"wrong_mchid":   func(s *stage, n notified, _ bool) bool { return n.plain.MchID != s.merchant.ID },
		"swapped":       func(_ *stage, n notified, _ bool) bool { return n.plain.OutRefundNo == "the-other" },
		"unknown_event": func(_ *stage, n notified, _ bool) bool { return n.EventType != "REFUND.SUCCESS" },
		"bad_signature": func(_ *stage, _ notified, genuine bool) bool { return !genuine },
	} {
		s, r := newStage(t, sandbox.Options{}), newReceiver(t, 500)
		other, _ := s.paidOrderOf100()
		s.refund(other, "the-other", 100)
		number, _ := s.paidOrderOf100()
		s.fault(sandbox.Fault{Match: "notify:REFUND.SUCCESS", Kind: kind})
		s.refund(number, "refund-1", 100, set("notify_url", r.url))
		s.advance(5 * time.Second)
		first := r.wait(t, 1)[0]
		if !sees(s, s.mustOpen(first), s.verified(first.header, first.body)) {
			t.Errorf("%s: %s", kind, s.mustOpen(first).text)
		}
	}
}

func TestFaultsOfRefundCalls(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number, _ := s.paidOrderOf100()
	for _, fault := range []struct {
		kind, code string
		refunds    int
	}{{"not_enough", "NOT_ENOUGH", 0}, {"system_error", "SYSTEM_ERROR", 0}, {"system_error_after", "SYSTEM_ERROR", 1}} {
		s.fault(sandbox.Fault{Match: "/v3/refund/", Kind: fault.kind})
		if answer := s.refund(number, "refund-1", 100); answer.code() != fault.code || len(s.platform.Refunds()) != fault.refunds {
			t.Errorf("%s: %d %s, %d refunds", fault.kind, answer.status, answer.body, len(s.platform.Refunds()))
		}
	}
	// The same number once more finds what was carried out.
	if answer := s.refund(number, "refund-1", 100); answer.status != 200 || len(s.platform.Refunds()) != 1 {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}
