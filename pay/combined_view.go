package pay

import (
	"time"

	"wxhub/model"
)

// CombinedOrderView is a combined order as the API shows it.
type CombinedOrderView struct {
	ID         string                `json:"id" doc:"unguessable, unless an Idempotency-Key was used that can be guessed"`
	Status     string                `json:"status" enum:"created,pending,paid,closed" doc:"paid: every order is paid, together or not; closed: an order cannot be paid any more, or not together with the others"`
	Amount     int64                 `json:"amount" doc:"fen, of all orders together"`
	Currency   string                `json:"currency"`
	MerchantID string                `json:"merchant_id"`
	Orders     []OrderView           `json:"orders" nullable:"false"`
	Payments   []CombinedPaymentView `json:"payments" nullable:"false"`
	CreatedAt  time.Time             `json:"created_at"`
	ExpiresAt  time.Time             `json:"expires_at" doc:"of the order that expires first"`
}

// CombinedPaymentView is one attempt to pay the orders together.
type CombinedPaymentView struct {
	CombineOutTradeNo string `json:"combine_out_trade_no" doc:"the number of the whole at WeChat Pay; each order's payment has an out_trade_no of its own"`
	Method            string `json:"method"`
	Status            string `json:"status" enum:"created,pending,paid,closed" doc:"created: WeChat Pay's answer is not known yet; paid: what became of the money is told by the orders"`
}

// ViewCombined shows a combined order to the outside. Its status is that of its orders.
func ViewCombined(c Combined) CombinedOrderView {
	v := CombinedOrderView{
		ID: c.ID, Status: string(statusOf(c)), Currency: c.Members[0].Currency, MerchantID: c.MerchantID,
		Payments: []CombinedPaymentView{}, CreatedAt: c.CreatedAt, ExpiresAt: expiryOf(c.Members),
	}
	for _, o := range c.Members {
		v.Amount += int64(o.Amount)
		v.Orders = append(v.Orders, View(o))
	}
	for _, p := range c.Payments {
		v.Payments = append(v.Payments, ViewCombinedPayment(c, p))
	}
	return v
}

// ViewCombinedPayment shows one attempt to pay the orders together.
func ViewCombinedPayment(c Combined, p model.CombinedPayment) CombinedPaymentView {
	return CombinedPaymentView{CombineOutTradeNo: p.OutTradeNo, Method: string(p.Method), Status: string(wholeStatus(c, p))}
}

func statusOf(c Combined) model.OrderStatus {
	paid, payable := 0, 0
	for _, o := range c.Members {
		switch {
		case open(o):
			payable++
		case o.Status != model.OrderClosed:
			paid++
		}
	}
	switch {
	case paid == len(c.Members):
		return model.OrderPaid
	case payable < len(c.Members):
		return model.OrderClosed
	}
	for _, p := range c.Payments {
		if wholeStatus(c, p) == model.PaymentPending {
			return model.OrderPending
		}
	}
	return model.OrderCreated
}

func wholeStatus(c Combined, p model.CombinedPayment) model.PaymentStatus {
	closed := p.Status == model.CombinedClosed
	for _, o := range c.Members {
		part := partIn(&o, p.OutTradeNo)
		switch {
		case part == nil:
		case received(*part):
			return model.PaymentPaid
		case !live(*part):
			closed = true
		}
	}
	switch {
	case closed:
		return model.PaymentClosed
	case p.PrepayID == "":
		return model.PaymentCreated
	}
	return model.PaymentPending
}
