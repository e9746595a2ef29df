package pay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"wxhub/model"
	"wxhub/wx"
)

// refundStates says what WeChat Pay's statuses of a refund are here.
var refundStates = map[wx.RefundStatus]model.RefundStatus{
	wx.RefundProcessing: model.RefundProcessing,
	wx.RefundSuccess:    model.RefundSucceeded,
	wx.RefundClosed:     model.RefundClosed,
	wx.RefundAbnormal:   model.RefundAbnormal,
}

// settleRefund applies what WeChat Pay says about one refund, whether it answered a call
// or sent a notification: the only way to succeeded.
func (s *Service) settleRefund(ctx context.Context, state wx.RefundState) (model.Order, error) {
	id := orderIDOfRefund(state.OutRefundNo)
	to, known := refundStates[state.Status]
	if id == "" || !known {
		return model.Order{}, errUnknownPayment
	}
	var told func()
	o, err := s.update(ctx, id, func(o *model.Order) error {
		told = func() {}
		r := refundByID(o, state.OutRefundNo)
		if r == nil {
			return errUnknownPayment
		}
		if err := matchRefund(*o, *r, state); err != nil {
			return err
		}
		if r.Status == to || !movable(r.Status, to) { // a repetition, or older news than what we have
			return errNothingToDo
		}
		told = func() { s.tellRefund(ctx, *r) }
		return s.moveRefund(o, r, to, state)
	})
	switch {
	case errors.Is(err, errNoOrder):
		return o, errUnknownPayment
	case errors.Is(err, errMismatch):
		s.Log.ErrorContext(ctx, "WeChat Pay's statement does not match the refund", "refund_id", state.OutRefundNo, "error", err.Error())
	case err == nil:
		told()
	}
	return o, err
}

func movable(from, to model.RefundStatus) bool {
	probe := model.Refund{Status: from}
	return moveRefund(&probe, to) == nil
}

// matchRefund refuses a statement that is not about exactly this refund.
func matchRefund(o model.Order, r model.Refund, state wx.RefundState) error {
	var differs string
	switch {
	case state.MerchantID != o.MerchantID:
		differs = "mchid"
	case state.SubMerchantID != o.SubMerchantID:
		differs = "sub_mchid"
	case state.OutTradeNo != r.OutTradeNo:
		differs = "out_trade_no"
	case state.Amount != r.Amount:
		differs = fmt.Sprintf("amount.refund (%d, the refund says %d)", state.Amount, r.Amount)
	case state.Total != o.Amount:
		differs = fmt.Sprintf("amount.total (%d, the order says %d)", state.Total, o.Amount)
	case r.RefundID != "" && state.RefundID != "" && r.RefundID != state.RefundID:
		differs = "refund_id"
	}
	if differs == "" {
		return nil
	}
	return errMismatch.Because(fmt.Errorf("refund %s: %s", r.ID, differs))
}

// moveRefund changes the refund's status and everything that follows from it.
func (s *Service) moveRefund(o *model.Order, r *model.Refund, to model.RefundStatus, state wx.RefundState) error {
	if err := moveRefund(r, to); err != nil {
		return err
	}
	if state.RefundID != "" {
		r.RefundID = state.RefundID
	}
	r.LastError = ""
	s.note(o, "refund_"+string(to), r.ID, "")
	switch to {
	case model.RefundSucceeded:
		r.SucceededAt = state.SuccessTime
		if err := s.countRefund(o, *r); err != nil {
			return err
		}
		return s.emitRefund(o, model.EventRefundSucceeded, *r)
	case model.RefundClosed, model.RefundAbnormal:
		return s.emitRefund(o, model.EventRefundFailed, *r)
	}
	return nil
}

// countRefund adds a refund of the payment that settled the order to what was given back.
// The refund of a duplicate changes nothing about the order.
func (s *Service) countRefund(o *model.Order, r model.Refund) error {
	p := paymentByNumber(o, r.OutTradeNo)
	if p == nil || p.Status != model.PaymentPaid {
		return nil
	}
	o.AmountRefunded += r.Amount
	to := model.OrderPartiallyRefunded
	if o.AmountRefunded >= o.Amount {
		to = model.OrderRefunded
	}
	if o.Status == to {
		return nil
	}
	return moveOrder(o, to)
}

// tellRefund logs what happened, loudly when an operator must act on it.
func (s *Service) tellRefund(ctx context.Context, r model.Refund) {
	log := s.Log.With("refund_id", r.ID, "out_trade_no", r.OutTradeNo, "amount_fen", int64(r.Amount), "automatic", r.Automatic)
	switch r.Status {
	case model.RefundAbnormal:
		log.ErrorContext(ctx, "a refund cannot reach the payer's account: handle it on the merchant platform (异常退款)")
	case model.RefundClosed:
		log.ErrorContext(ctx, "WeChat Pay closed a refund: the money did not move")
	default:
		log.InfoContext(ctx, "refund "+string(r.Status))
	}
}

// emitRefund adds an event about a refund to the order's outbox.
func (s *Service) emitRefund(o *model.Order, t model.EventType, r model.Refund) error {
	id, err := s.IDs.New()
	if err != nil {
		return err
	}
	data, err := json.Marshal(ViewRefund(*o, r))
	if err != nil {
		return err
	}
	o.Outbox = append(o.Outbox, model.Event{ID: "evt_" + id, Type: t, Subject: o.ID, Data: data, CreatedAt: s.now()})
	return nil
}

// chaseRefunds goes on with every refund of an order that is not at its end: one that
// WeChat Pay may not have is asked for again under its number, one that it has is asked about.
func (s *Service) chaseRefunds(ctx context.Context, o model.Order) error {
	var faults error
	for _, r := range o.Refunds {
		switch r.Status {
		case model.RefundCreated:
			_, err := s.carryOut(ctx, o, r)
			faults = errors.Join(faults, err)
		case model.RefundProcessing:
			state, err := s.WeChat.QueryRefund(ctx, tradeOf(o, r.OutTradeNo), r.ID)
			if err == nil {
				_, err = s.settleRefund(ctx, state)
			}
			faults = errors.Join(faults, err)
		}
	}
	return faults
}
