package sandbox

import (
	"errors"
	"fmt"
	"time"
)

// Results that a payer can choose.
const (
	PaySuccess   = "success"
	PayCancel    = "cancel"
	PayNotEnough = "not_enough"
)

// Errors of Pay beside PhoneError and ErrNoUser.
var (
	ErrPayResult = errors.New("result is success, cancel or not_enough")
	ErrNoPrepay  = errors.New("no such prepay_id; it comes from a prepay call, without the \"prepay_id=\" of package")
)

// PhoneError is a refusal that the payer reads on the phone; the order does not change.
type PhoneError struct {
	Text string // as the phone shows it
}

func (e *PhoneError) Error() string { return "the phone refuses: " + e.Text }

// Payment is what happened on the phone. ErrMsg is what the page or mini-program is told, which proves nothing.
type Payment struct {
	Result        string    `json:"result"`
	ErrMsg        string    `json:"err_msg"`
	OutTradeNo    string    `json:"out_trade_no"`
	TransactionID string    `json:"transaction_id,omitempty"`
	PaidAt        time.Time `json:"paid_at,omitzero"`
	Total         int64     `json:"total"` // fen
}

// Pay is the payer confirming, cancelling, or failing for want of money. user is an id or a name; it must be
// the one the order was made for. A success is committed when Pay returns; the notification follows.
// It returns ErrNoUser, ErrPayResult, ErrNoPrepay or a *PhoneError.
func (p *Platform) Pay(prepayID, user, result string) (Payment, error) {
	u, err := p.FindUser(user)
	if err != nil {
		return Payment{}, err
	}
	if result != PaySuccess && result != PayCancel && result != PayNotEnough {
		return Payment{}, fmt.Errorf("%q: %w", result, ErrPayResult)
	}
	order, err := p.book.pay(prepayID, u, result)
	if err != nil {
		return Payment{}, err
	}
	payment := Payment{Result: result, OutTradeNo: order.OutTradeNo, Total: order.Total}
	switch result {
	case PayCancel:
		payment.ErrMsg = "requestPayment:fail cancel"
	case PayNotEnough:
		payment.ErrMsg = "requestPayment:fail 余额不足"
	default:
		payment.ErrMsg, payment.TransactionID, payment.PaidAt = "requestPayment:ok", order.TransactionID, order.PaidAt
		p.notifier.paid(order)
	}
	return payment, nil
}

// pay checks and, for a success, commits in one step, so that of many payers one succeeds.
func (b *book) pay(prepayID string, u User, result string) (Order, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ticket, now := b.prepays[prepayID], b.clock.now()
	if ticket == nil {
		return Order{}, ErrNoPrepay
	}
	order := ticket.order
	if text := refusedOnPhone(ticket, u, now); text != "" {
		return Order{}, &PhoneError{text}
	}
	if result == PaySuccess {
		order.State, order.PaidAt = StateSuccess, now
		order.TransactionID, order.BankType = b.ids.transactionID(now), "OTHERS"
		b.byTrade[order.TransactionID] = order
	}
	return *order, nil
}

// refusedOnPhone is the text that stops the payer, or nothing.
func refusedOnPhone(ticket *prepay, u User, now time.Time) string {
	order := ticket.order
	switch {
	case u.OpenIDs[order.AppID] != order.OpenID:
		return "下单账号与支付账号不一致"
	case order.State == StateSuccess:
		return "该订单已支付"
	case order.stateAt(now) == StateClosed:
		return "该订单已关闭，请重新下单"
	case order.expiredAt(now), !now.Before(ticket.expires):
		return "该订单已失效，请重新下单"
	}
	return ""
}
