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
	ErrNoPrepay  = errors.New("no such prepay_id, code_url or h5_url; it comes from a prepay call, a prepay_id without the \"prepay_id=\" of package")
)

// PhoneError is a refusal that the payer reads on the phone; the order does not change.
type PhoneError struct {
	Text string // as the phone shows it
}

func (e *PhoneError) Error() string { return "the phone refuses: " + e.Text }

// Payment is what happened on the phone. ErrMsg is what the page, mini-program or app is told, which proves nothing; to a
// QR code and an H5 page nothing is told.
type Payment struct {
	Result        string    `json:"result"`
	ErrMsg        string    `json:"err_msg"`
	OutTradeNo    string    `json:"out_trade_no"`
	TransactionID string    `json:"transaction_id,omitempty"`
	PaidAt        time.Time `json:"paid_at,omitzero"`
	Total         int64     `json:"total"` // fen
}

// Pay is the payer confirming, cancelling, or failing for want of money. given is what the prepay call handed out: a
// prepay_id, a code_url, which is scanned, or an h5_url, which is opened from a page of the merchant. user is an id or a
// name; of JSAPI it must be the one the order was made for, of a QR code the first who scanned it, else it may be anybody.
// Of a combined order all is paid or nothing; its Payment has the combine_out_trade_no and no transaction id.
// A success is committed when Pay returns; the notification follows.
// It returns ErrNoUser, ErrPayResult, ErrNoPrepay or a *PhoneError.
func (p *Platform) Pay(given, user, result string) (Payment, error) {
	u, err := p.FindUser(user)
	if err != nil {
		return Payment{}, err
	}
	if result != PaySuccess && result != PayCancel && result != PayNotEnough {
		return Payment{}, fmt.Errorf("%q: %w", result, ErrPayResult)
	}
	order, err := p.book.pay(given, u, result)
	if err != nil {
		return Payment{}, err
	}
	payment := Payment{Result: result, ErrMsg: toldClient(order.TradeType, result), OutTradeNo: order.OutTradeNo, Total: order.Total}
	if result == PaySuccess {
		payment.TransactionID, payment.PaidAt = order.TransactionID, order.PaidAt
		p.notifier.paid(order)
	}
	return payment, nil
}

// toldClient is what the phone tells the page or app that invoked it.
func toldClient(tradeType, result string) string {
	texts := map[string]map[string]string{
		TradeJSAPI: {PaySuccess: "requestPayment:ok", PayCancel: "requestPayment:fail cancel", PayNotEnough: "requestPayment:fail 余额不足"},
		TradeApp:   {PaySuccess: "errCode:0", PayCancel: "errCode:-2", PayNotEnough: "errCode:-1"},
	}
	return texts[tradeType][result]
}

// pay checks and, for a success, commits in one step, so that of many payers one succeeds.
func (b *book) pay(given string, u User, result string) (Order, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ticket, now := b.ticket(given), b.clock.now()
	if ticket == nil {
		return Order{}, ErrNoPrepay
	}
	order := ticket.order
	if text := refusedOnPhone(ticket, u, now); text != "" {
		return Order{}, &PhoneError{text}
	}
	if order.TradeType == TradeNative {
		order.payer = u.ID // whoever scans first, also when nothing comes of it
	}
	if result == PaySuccess {
		b.commit(order, u, now)
	}
	return order.copied(), nil
}

// paidAt commits a payment.
func (o *Order) paidAt(now time.Time, u User) {
	o.State, o.PaidAt, o.payer = StateSuccess, now, u.ID
	o.OpenID = u.OpenIDs[o.AppID]
	if o.SubAppID != "" {
		o.SubOpenID = u.OpenIDs[o.SubAppID]
	}
}

// refusedOnPhone is the text that stops the payer, or nothing.
func refusedOnPhone(ticket *prepay, u User, now time.Time) string {
	order := ticket.order
	switch {
	case !order.isFor(u):
		return "下单账号与支付账号不一致"
	case order.payer != "" && order.payer != u.ID:
		return "商家订单信息有误"
	case order.paid():
		return "该订单已支付"
	case order.stateAt(now) == StateClosed:
		return "该订单已关闭，请重新下单"
	case order.TradeType == TradeH5 && !now.Before(ticket.expires):
		return "支付请求已失效，请重新发起支付"
	case ticket.stale:
		return "二维码已失效，请重新扫码"
	case order.expiredAt(now), !now.Before(ticket.expires):
		return "该订单已失效，请重新下单"
	}
	return ""
}

// isFor holds for everybody unless the order names its payer.
func (o *Order) isFor(u User) bool {
	if o.TradeType != TradeJSAPI {
		return true
	}
	if o.OpenID != "" {
		return u.OpenIDs[o.AppID] == o.OpenID
	}
	return u.OpenIDs[o.SubAppID] == o.SubOpenID
}
