package sandbox_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// books is what a careful client believes: it counts only what it was told.
type books struct {
	mu       sync.Mutex
	paid     map[string]int64 // by out_trade_no
	refunded map[string]int64 // by out_refund_no
}

// insist repeats a call until there is an answer that means something, as a client must.
func (s *stage) insist(method, uri, body string) response {
	for range 200 {
		answer, err := s.send(s.request(method, uri, body))
		if err == nil && answer.status < 500 && answer.status != 429 && json.Valid(answer.body) {
			return answer
		}
	}
	s.t.Errorf("%s %s never succeeds", method, uri)
	return response{}
}

// Under faults of every kind that a client can outlive by repeating itself, the platform's ledger and the client's
// books agree to the fen.
func TestLedgerAgreesWithACarefulClient(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.RefundGap = 0
	s := newPartnerStage(t, sandbox.Options{Behaviour: &b})
	for _, kind := range []string{"drop", "lost_answer", "system_error", "system_error_after", "truncate", "http_500", "frequency_limited"} {
		s.fault(sandbox.Fault{Match: "/v3/pay/", Kind: kind, Times: 6})
		s.fault(sandbox.Fault{Match: refundPath, Kind: kind, Times: 6})
	}
	mine := books{paid: map[string]int64{}, refunded: map[string]int64{}}
	var group sync.WaitGroup
	for i, channel := range []string{"jsapi", "native", "h5", "app", "jsapi", "native", "h5", "app"} {
		group.Go(func() { s.shop(&mine, channel, int64(30+i)) })
	}
	group.Wait()
	s.advance(time.Minute)
	ledger := s.platform.Ledger()
	if len(ledger.Payments) != len(mine.paid) || len(ledger.Refunds) != len(mine.refunded) || len(mine.paid) != 8 || len(mine.refunded) != 16 {
		t.Errorf("%d payments and %d refunds, the client has %d and %d", len(ledger.Payments), len(ledger.Refunds), len(mine.paid), len(mine.refunded))
	}
	for _, p := range ledger.Payments {
		if p.Total != mine.paid[p.OutTradeNo] || p.State != sandbox.StateRefund {
			t.Errorf("%+v, the client has %d", p, mine.paid[p.OutTradeNo])
		}
	}
	for _, r := range ledger.Refunds {
		if r.Amount != mine.refunded[r.OutRefundNo] || r.Status != sandbox.RefundSuccess {
			t.Errorf("%+v, the client has %d", r, mine.refunded[r.OutRefundNo])
		}
	}
}

// shop is one order's life: placed, paid, seen, and refunded in two parts.
func (s *stage) shop(mine *books, channel string, first int64) {
	number := s.number()
	placed := s.insist(http.MethodPost, partnerRoot+channel, s.channelBody(channel, true, number))
	given := placed.field("prepay_id") + placed.field("code_url") + placed.field("h5_url")
	if _, err := s.platform.Pay(given, s.payer.ID, sandbox.PaySuccess); err != nil {
		s.t.Errorf("%s %s: %v", channel, placed.body, err)
		return
	}
	var seen struct {
		State  string `json:"trade_state"`
		Amount struct{ Total int64 }
	}
	if err := json.Unmarshal(s.insist(http.MethodGet, partnerRoot+"out-trade-no/"+number+s.parties(), "").body, &seen); err != nil || seen.State != sandbox.StateSuccess {
		s.t.Errorf("%+v %v", seen, err)
	}
	mine.mu.Lock()
	mine.paid[number] = seen.Amount.Total
	mine.mu.Unlock()
	for refundNo, fen := range map[string]int64{number + "-a": first, number + "-b": 100 - first} {
		if answer := s.insist(http.MethodPost, refundPath, s.refundBody(number, refundNo, fen)); answer.status != http.StatusOK {
			s.t.Errorf("%d %s", answer.status, answer.body)
			continue
		}
		mine.mu.Lock()
		mine.refunded[refundNo] = fen
		mine.mu.Unlock()
	}
}
