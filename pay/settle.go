package pay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Receive verifies a notification of WeChat Pay for a merchant, given as it came, and
// changes nothing. nil means that WeChat Pay sent it: id is its name for the notification,
// "" when it has none that can be used. What it says is for Notify.
//
// Errors: those of wx/wxpay.Gateway.Open but wx.ErrNotificationMalformed.
func (s *Service) Receive(ctx context.Context, merchantID string, header func(string) string, body []byte) (id string, err error) {
	n, err := s.WeChat.Open(ctx, merchantID, header, body)
	if err != nil && !errors.Is(err, wx.ErrNotificationMalformed) {
		return "", err
	}
	if len(n.ID) > maxNoticeID || strings.ContainsFunc(n.ID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", nil
	}
	return n.ID, nil
}

// maxNoticeID is more than any id of a notification has; those of today have 36 characters.
const maxNoticeID = 64

// Notify does what a notification says that came at receivedAt, after verifying it as of
// then. nil means that it is durable: only then may it be acknowledged.
//
// Errors: those of wx/wxpay.Gateway.Open; payment_unknown; payment_mismatch when
// merchant, app, amount or currency differ; any error of the store.
func (s *Service) Notify(ctx context.Context, merchantID string, header func(string) string, body []byte, receivedAt time.Time) error {
	n, err := s.WeChat.Reopen(ctx, merchantID, header, body, receivedAt)
	if err != nil {
		return err
	}
	switch {
	case n.Refund != nil && n.Refund.MerchantID == merchantID:
		_, err = s.settleRefund(ctx, *n.Refund)
		return err
	case n.Transfer != nil && n.Transfer.MerchantID == merchantID:
		_, err = s.settleTransfer(ctx, *n.Transfer)
		return err
	case n.Combined != nil && n.Combined.MerchantID == merchantID:
		return s.notifiedTogether(ctx, *n.Combined)
	case n.Transaction != nil && n.Transaction.State != wx.TradeSuccess:
		return wx.ErrNotificationMalformed.Because(fmt.Errorf("trade_state %.32q in a success notification", n.Transaction.State))
	case n.Transaction != nil && n.Transaction.MerchantID == merchantID:
		_, err = s.settle(ctx, *n.Transaction)
		return err
	}
	return errMismatch.Because(errors.New("mchid is not the merchant of the route"))
}

// Refresh asks WeChat Pay about every live attempt of an order and settles what it
// says. It returns the order as it then stands.
//
// Errors: order_not_found, and those of wx/wxpay.Gateway.Query.
func (s *Service) Refresh(ctx context.Context, id string) (model.Order, error) {
	o, err := s.Order(ctx, id)
	if err != nil {
		return o, err
	}
	var faults error // one attempt that cannot be asked for does not hide the others
	for _, p := range o.Payments {
		if unresolved(p) {
			faults = errors.Join(faults, s.refreshPayment(ctx, o, p))
		}
	}
	if faults != nil {
		return o, faults
	}
	return s.Order(ctx, id)
}

func (s *Service) refreshPayment(ctx context.Context, o model.Order, p model.Payment) error {
	if p.CombineOutTradeNo != "" {
		return s.refreshTogether(ctx, o.MerchantID, p.CombineOutTradeNo)
	}
	t, err := s.queryPayment(ctx, o, p)
	if errors.Is(err, wx.ErrTradeUnknown) {
		return nil // WeChat Pay never heard of it: nothing to learn
	}
	if err != nil {
		return err
	}
	_, err = s.settle(ctx, t)
	if errors.Is(err, errMismatch) { // not the caller's fault
		return wx.ErrRejected.Because(err)
	}
	return err
}

// settle applies what WeChat Pay says about one payment: the only way to paid.
func (s *Service) settle(ctx context.Context, t wx.Transaction) (model.Order, error) {
	id := orderIDOf(t.OutTradeNo)
	if id == "" {
		return model.Order{}, errUnknownPayment
	}
	var told func() // the line for the operator, told once, after the write
	o, err := s.update(ctx, id, func(o *model.Order) error {
		told = func() {}
		p := paymentByNumber(o, t.OutTradeNo)
		if p == nil {
			return errUnknownPayment
		}
		if err := match(*o, *p, t); err != nil {
			return err
		}
		if p.Method == model.MethodCode {
			return s.settleCode(ctx, o, p, t, &told)
		}
		switch t.State {
		case wx.TradeSuccess, wx.TradeRefund: // what was refunded, were it one fen of it, had been paid
			return s.settlePaid(ctx, o, p, t, &told)
		case wx.TradeClosed, wx.TradeRevoked:
			if !live(*p) {
				return errNothingToDo
			}
			s.note(o, "payment_closed", p.OutTradeNo, "WeChat Pay says "+string(t.State))
			return movePayment(p, model.PaymentClosed)
		}
		return errNothingToDo
	})
	if errors.Is(err, errNoOrder) {
		return o, errUnknownPayment
	}
	if errors.Is(err, errMismatch) { // signed by WeChat Pay, and not true of our order: somebody must look
		s.Log.ErrorContext(ctx, "WeChat Pay's statement does not match the payment", "out_trade_no", t.OutTradeNo, "error", err.Error())
	}
	if err != nil {
		return o, err
	}
	told()
	return o, nil
}

// match refuses a statement that is not about exactly this payment. A mismatch in
// something WeChat Pay signed is never an accident of the network.
func match(o model.Order, p model.Payment, t wx.Transaction) error {
	var differs string
	switch {
	case t.MerchantID != o.MerchantID:
		differs = "mchid"
	case t.SubMerchantID != o.SubMerchantID:
		differs = "sub_mchid"
	case t.AppID != p.AppID && t.SubAppID != p.AppID:
		differs = "appid"
	case t.State != wx.TradeSuccess && t.State != wx.TradeRefund:
		return nil // states without money carry no amount
	case t.Amount != o.Amount:
		differs = fmt.Sprintf("amount.total (%d, the order says %d)", t.Amount, o.Amount)
	case t.Currency != o.Currency:
		differs = "amount.currency"
	case p.TransactionID != "" && p.TransactionID != t.TransactionID:
		differs = "transaction_id"
	}
	if differs == "" {
		return nil
	}
	return errMismatch.Because(fmt.Errorf("order %s, out_trade_no %s: %s", o.ID, p.OutTradeNo, differs))
}

func (s *Service) settlePaid(ctx context.Context, o *model.Order, p *model.Payment, t wx.Transaction, told *func()) error {
	if received(*p) {
		return errNothingToDo // a repeated notification
	}
	was := o.Status
	p.TransactionID, p.PaidAt = t.TransactionID, t.SuccessTime
	*told = func() {
		s.tellPaid(ctx, *o, *p, was, t.State)
		if s.OnPaid != nil {
			s.OnPaid(ctx, *p)
		}
	}
	switch {
	case o.Status == model.OrderClosed && s.RefundLate:
		return s.giveBack(o, p, model.PaymentLate, "paid_late", "订单已关闭，自动退款")
	case o.Status != model.OrderClosed && !open(*o):
		return s.giveBack(o, p, model.PaymentDuplicate, "paid_twice", "重复支付，自动退款")
	}
	if err := movePayment(p, model.PaymentPaid); err != nil {
		return err
	}
	if err := moveOrder(o, model.OrderPaid); err != nil {
		return err
	}
	o.PaidAt, o.CheckAt = t.SuccessTime, s.checkLeftovers(*o)
	note := ""
	if was == model.OrderClosed {
		note = "after the order was closed"
	}
	s.note(o, "paid", p.OutTradeNo, note)
	return s.emit(o, model.EventOrderPaid)
}

// tellPaid logs what happened, and loudly when an operator must act on it.
func (s *Service) tellPaid(ctx context.Context, o model.Order, p model.Payment, was model.OrderStatus, state wx.TradeState) {
	log := s.Log.With("order_id", o.ID, "out_trade_no", p.OutTradeNo, "transaction_id", p.TransactionID, "amount_fen", int64(o.Amount))
	switch {
	case p.Status == model.PaymentDuplicate:
		log.ErrorContext(ctx, "second payment of one order: it is refunded by itself")
	case p.Status == model.PaymentLate:
		log.WarnContext(ctx, "payment of a closed order: it is refunded by itself, as pay.late_payment says")
	case state == wx.TradeRefund:
		log.WarnContext(ctx, "order paid; WeChat Pay also reports a refund that was not made here: see to it before delivering")
	case was == model.OrderClosed:
		log.WarnContext(ctx, "a closed order was paid after all and is open again as paid: deliver or refund it")
	default:
		log.InfoContext(ctx, "order paid")
	}
}

// emit adds an event to the order's outbox; it is stored with the change itself.
func (s *Service) emit(o *model.Order, t model.EventType) error {
	id, err := s.IDs.New()
	if err != nil {
		return err
	}
	data, err := json.Marshal(View(*o))
	if err != nil {
		return err
	}
	o.Outbox = append(o.Outbox, model.Event{
		ID: "evt_" + id, Type: t, Subject: o.ID, Data: data, CreatedAt: s.now(),
	})
	return nil
}
