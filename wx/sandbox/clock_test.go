package sandbox_test

import (
	"errors"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestPrepayIDLivesTwoHours(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number := s.number()
	old := s.prepay(number)
	s.advance(2 * time.Hour)
	var phone *sandbox.PhoneError
	if _, err := s.platform.Pay(old, s.payer.ID, sandbox.PaySuccess); !errors.As(err, &phone) {
		t.Errorf("the old prepay_id: %v", err)
	}
	s.pay(s.prepay(number)) // the order itself is still payable
}

func TestTimeExpireEndsPaymentButDoesNotCloseTheOrder(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number := s.number()
	zone := time.FixedZone("CST", 8*3600)
	expire := set("time_expire", time.Now().Add(10*time.Minute).In(zone).Format(time.RFC3339))
	id := s.prepay(number, expire)
	s.advance(10 * time.Minute)
	var phone *sandbox.PhoneError
	if _, err := s.platform.Pay(id, s.payer.ID, sandbox.PaySuccess); !errors.As(err, &phone) {
		t.Errorf("payment: %v", err)
	}
	if state := s.query(number).field("trade_state"); state != "NOTPAY" {
		t.Errorf("state %q", state)
	}
	if answer := s.v3("POST", jsapi, s.prepayBody(number, expire)); answer.code() != "ORDER_CLOSED" || answer.field("message") != "该订单已失效" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	s.advance(7 * 24 * time.Hour)
	if state := s.query(number).field("trade_state"); state != "CLOSED" {
		t.Errorf("after a week: %q", state)
	}
}

func TestTimeExpireIsRaisedToOneMinute(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	id := s.prepay(s.number(), set("time_expire", "2020-01-01T00:00:00+08:00"))
	s.pay(id)
}

func TestSignaturesGoByTheWallClockAfterAnAdvance(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.advance(24 * time.Hour)
	number := s.number()
	id := s.prepay(number)
	if payment := s.pay(id); time.Until(payment.PaidAt) < 23*time.Hour {
		t.Errorf("paid at %s", payment.PaidAt)
	}
	if answer := s.query(number); stale(answer.header) || !s.verified(answer.header, answer.body) {
		t.Error("the answer's timestamp is not of the wall clock")
	}
}

func TestClockOnlyMovesForward(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, d := range []time.Duration{0, -time.Second} {
		if _, err := s.platform.AdvanceClock(d); !errors.Is(err, sandbox.ErrClockBackwards) {
			t.Errorf("%s: %v", d, err)
		}
	}
}
