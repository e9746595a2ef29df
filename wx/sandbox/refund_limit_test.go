package sandbox_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestRefundReentry(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number, transaction := s.paidOrderOf100()
	first := s.refund(number, "again", 40, set("reason", "a"))
	byID := func(body map[string]any) { delete(body, "out_trade_no"); body["transaction_id"] = transaction }
	for range 3 {
		if again := s.refund(number, "again", 40, set("reason", "a"), byID); again.status != 200 || again.field("refund_id") != first.field("refund_id") {
			t.Errorf("%d %s", again.status, again.body)
		}
	}
	for name, edit := range map[string]func(map[string]any){
		"amount": set("amount", map[string]any{"refund": 41, "total": 100, "currency": "CNY"}),
		"reason": set("reason", "b"),
		"notify": set("notify_url", "https://shop.example.com/n"),
	} {
		if changed := s.refund(number, "again", 40, set("reason", "a"), edit); changed.status != 400 || changed.code() != "INVALID_REQUEST" {
			t.Errorf("%s: %d %s", name, changed.status, changed.body)
		}
	}
	other, _ := s.paidOrderOf100()
	if elsewhere := s.refund(other, "again", 40, set("reason", "a")); elsewhere.status != 400 {
		t.Errorf("of another order: %d %s", elsewhere.status, elsewhere.body)
	}
	if n := len(s.platform.Refunds()); n != 1 {
		t.Errorf("%d refunds", n)
	}
}

func TestRefundsNeverExceedThePayment(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.RefundGap = 0
	s := newStage(t, sandbox.Options{Behaviour: &b})
	number, _ := s.paidOrderOf100()
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() { s.refund(number, fmt.Sprintf("part-%d", i), 30) })
	}
	group.Wait()
	payment := s.platform.Ledger().Payments[0]
	if payment.Refunded != 90 || len(s.platform.Ledger().Refunds) != 3 {
		t.Errorf("%+v", payment)
	}
	if more := s.refund(number, "more", 11); more.status != 400 || more.code() != "INVALID_REQUEST" {
		t.Errorf("%d %s", more.status, more.body)
	}
	if rest := s.refund(number, "rest", 10); rest.status != 200 {
		t.Errorf("%d %s", rest.status, rest.body)
	}
	if full := s.refund(number, "full", 1); full.field("message") != "订单已全额退款" {
		t.Errorf("%d %s", full.status, full.body)
	}
}

func TestAClosedRefundGivesItsMoneyBack(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number, _ := s.paidOrderOf100()
	if err := s.platform.SetRefundOutcome("", sandbox.RefundClosed); err != nil {
		t.Fatal(err)
	}
	s.refund(number, "first", 100)
	s.advance(time.Minute)
	if again := s.refund(number, "second", 100); again.status != 200 {
		t.Errorf("%d %s", again.status, again.body)
	}
}

func TestRefundLimitsOfAnOrder(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number, _ := s.paidOrderOf100()
	for i := range 50 {
		if answer := s.refund(number, fmt.Sprintf("part-%d", i), 1); answer.status != 200 {
			t.Fatalf("%d: %d %s", i, answer.status, answer.body)
		}
		if soon := s.refund(number, "soon", 1); i < 49 && (soon.status != 429 || soon.code() != "FREQUENCY_LIMITED") {
			t.Fatalf("%d %s", soon.status, soon.body)
		}
		s.advance(time.Minute)
	}
	if answer := s.refund(number, "the 51st", 1); answer.status != 400 {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := s.refund(number, "the-51st", 1); answer.status != 400 || !strings.Contains(answer.field("message"), "次数") {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	old, _ := s.paidOrderOf100()
	s.advance(365*24*time.Hour + time.Second)
	if answer := s.refund(old, "late", 1); answer.status != 400 || !strings.Contains(answer.field("message"), "期限") {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}
