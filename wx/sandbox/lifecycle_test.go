package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/wx/sandbox"
)

// model is what an order may be, in the fewest words.
type model struct {
	exists, poisoned, paid, closed bool
	amount                         int64
	age                            time.Duration // since creation
	prepays                        []modelPrepay
}

type modelPrepay struct {
	id  string
	age time.Duration
}

func (m *model) over() bool { return m.age >= 7*24*time.Hour }

func (m *model) state() string {
	switch {
	case m.paid:
		return "SUCCESS"
	case m.closed || m.over():
		return "CLOSED"
	}
	return "NOTPAY"
}

// prepayStatus is the HTTP status that a prepay of an amount deserves.
func (m *model) prepayStatus(amount int64) int {
	switch {
	case m.poisoned:
		return 400
	case !m.exists:
		return 200
	case m.paid:
		return 403
	case m.closed || m.over() || m.amount != amount:
		return 400
	}
	return 200
}

func TestOrderFollowsTheModelWhateverHappens(t *testing.T) {
	t.Parallel()
	at := time.Now()
	s := newStage(t, sandbox.Options{Now: func() time.Time { return at }})
	rapid.Check(t, func(rt *rapid.T) {
		number, m := s.number(), &model{}
		rt.Repeat(map[string]func(*rapid.T){
			"prepay": func(rt *rapid.T) {
				amount := rapid.Int64Range(1, 2).Draw(rt, "amount")
				answer := s.v3(http.MethodPost, jsapi, s.prepayBody(number, set("amount", map[string]any{"total": amount})))
				if want := m.prepayStatus(amount); answer.status != want {
					rt.Fatalf("prepay: %d %s, want %d", answer.status, answer.body, want)
				}
				if answer.status == 200 {
					if !m.exists {
						m.exists, m.amount = true, amount
					}
					m.prepays = append(m.prepays, modelPrepay{id: answer.field("prepay_id")})
				}
			},
			"close": func(rt *rapid.T) {
				answer, want := s.closeOrder(number), 204
				if m.paid {
					want = 400
				}
				if answer.status != want {
					rt.Fatalf("close: %d %s, want %d", answer.status, answer.body, want)
				}
				m.closed = m.exists && !m.paid
				m.poisoned = m.poisoned || !m.exists
			},
			"pay": func(rt *rapid.T) {
				if len(m.prepays) == 0 {
					rt.Skip("nothing to pay with")
				}
				prepay := rapid.SampledFrom(m.prepays).Draw(rt, "prepay")
				payment, err := s.platform.Pay(prepay.id, s.payer.ID, sandbox.PaySuccess)
				payable := m.state() == "NOTPAY" && prepay.age < 2*time.Hour
				if (err == nil) != payable || payable && payment.Total != m.amount {
					rt.Fatalf("pay: %+v %v, payable %t", payment, err, payable)
				}
				m.paid = m.paid || payable
			},
			"wait": func(rt *rapid.T) {
				d := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 2 * time.Hour, 4 * 24 * time.Hour}).Draw(rt, "wait")
				s.advance(d)
				m.age += d
				if !m.exists {
					m.age = 0
				}
				for i := range m.prepays {
					m.prepays[i].age += d
				}
			},
			"": func(rt *rapid.T) { // after every step
				order, found := s.platform.Order(s.merchant.ID, number)
				if found != m.exists || found && order.State != m.state() {
					rt.Fatalf("the platform has %+v, model %+v", order, m)
				}
			},
			"query": func(rt *rapid.T) {
				answer := s.query(number)
				if !m.exists && answer.status != 404 || m.exists && answer.field("trade_state") != m.state() {
					rt.Fatalf("query: %d %s, model %+v", answer.status, answer.body, m)
				}
			},
		})
	})
}
