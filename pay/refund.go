package pay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"wxhub/model"
	"wxhub/wx"
)

const (
	// maxRefunds of one payment is WeChat Pay's limit (PROTOCOL §2.6).
	maxRefunds = 50
	// maxReason in characters, WeChat Pay's.
	maxReason = 80
)

// RefundRequest is what a backend asks for.
type RefundRequest struct {
	Amount model.Fen
	Reason string // shown to the payer
}

// Refund gives back a part of what was paid for an order, or all of it. The refund is in
// the store before WeChat Pay hears of it. When WeChat Pay's answer is not known, the
// refund stands and the sweep goes on with it, always under the same number.
//
// Errors: order_not_found, order_not_paid, refund_exceeds_payment, too_many_refunds,
// idempotency_conflict, invalid_input; those of wx/wxpay.Gateway.Refund when WeChat Pay
// refused for good: then the refund is failed and the money did not move.
func (s *Service) Refund(ctx context.Context, orderID string, r RefundRequest, key IdempotencyKey) (model.Order, model.Refund, error) {
	switch {
	case r.Amount < 1 || r.Amount > model.MaxAmount:
		return model.Order{}, model.Refund{}, model.InvalidField("amount", "must be from 1 to %d fen", model.MaxAmount)
	case !text(r.Reason, 0, maxReason):
		return model.Order{}, model.Refund{}, model.InvalidField("reason", "must have at most %d characters", maxReason)
	}
	asked := model.Refund{Amount: r.Amount, Reason: r.Reason}
	if key.Key != "" {
		body, err := json.Marshal(r)
		if err != nil {
			return model.Order{}, model.Refund{}, err
		}
		asked.KeyHash, asked.BodyHash = hash(key.Scope+"\x00"+key.Key), hash(string(body))
	}
	var id string
	o, err := s.update(ctx, orderID, func(o *model.Order) (err error) {
		id, err = s.reserveRefund(o, asked)
		return err
	})
	if err != nil {
		return o, model.Refund{}, err
	}
	refund := *refundByID(&o, id)
	if refund.Status != model.RefundCreated { // the answer to a repeated request
		return o, refund, nil
	}
	o, err = s.carryOut(ctx, o, refund)
	if unknown(err) {
		err = nil // it stands, and the sweep goes on with it
	}
	if standing := refundByID(&o, id); standing != nil {
		refund = *standing
	}
	return o, refund, err
}

// reserveRefund adds the refund to the order, or finds the one that the same request made.
func (s *Service) reserveRefund(o *model.Order, asked model.Refund) (string, error) {
	for _, r := range o.Refunds {
		if asked.KeyHash != "" && r.KeyHash == asked.KeyHash {
			if r.BodyHash != asked.BodyHash {
				return "", errIdempotency
			}
			return r.ID, errNothingToDo
		}
	}
	paid := slices.IndexFunc(o.Payments, func(p model.Payment) bool { return p.Status == model.PaymentPaid })
	if paid < 0 {
		return "", errNotPaid
	}
	asked.OutTradeNo = o.Payments[paid].OutTradeNo
	return s.addRefund(o, asked)
}

// addRefund puts a refund into the order. That all refunds of a payment together never
// exceed it is decided here, by the same write that adds one.
func (s *Service) addRefund(o *model.Order, r model.Refund) (string, error) {
	sum, n := r.Amount, 1
	for _, other := range o.Refunds {
		if other.OutTradeNo == r.OutTradeNo {
			n++
			if holds(other) {
				sum += other.Amount
			}
		}
	}
	switch {
	case sum > o.Amount:
		return "", errRefundTooMuch
	case n > maxRefunds:
		return "", errTooManyRefunds
	}
	r.ID = fmt.Sprintf("%sR%03d", o.ID, len(o.Refunds)+1)
	r.Status, r.NotifyURL, r.CreatedAt = model.RefundCreated, s.notifyURL(o.MerchantID), s.now()
	o.Refunds = append(o.Refunds, r)
	o.CheckAt = s.now().Add(s.SweepEvery)
	s.note(o, "refund_created", r.ID, fmt.Sprintf("%d fen of %s", r.Amount, r.OutTradeNo))
	return r.ID, nil
}

// giveBack records a payment that its order cannot take, with the refund of all of it.
// The sweep carries it out.
func (s *Service) giveBack(o *model.Order, p *model.Payment, as model.PaymentStatus, what, reason string) error {
	if err := movePayment(p, as); err != nil {
		return err
	}
	s.note(o, what, p.OutTradeNo, "this payment is refunded by itself")
	_, err := s.addRefund(o, model.Refund{OutTradeNo: p.OutTradeNo, Amount: o.Amount, Reason: reason, Automatic: true})
	o.CheckAt = s.now()
	return err
}

// carryOut asks WeChat Pay for a refund that is stored, and records its answer. It may be
// done again and again: the number stays the same.
func (s *Service) carryOut(ctx context.Context, o model.Order, r model.Refund) (model.Order, error) {
	state, err := s.WeChat.Refund(ctx, wx.RefundRequest{
		Trade: tradeOf(o, r.OutTradeNo), OutRefundNo: r.ID, Amount: r.Amount, Total: o.Amount, Currency: o.Currency,
		Reason: r.Reason, NotifyURL: r.NotifyURL,
	})
	if err == nil {
		return s.settleRefund(ctx, state)
	}
	if unknown(err) {
		return o, err
	}
	if !errors.Is(err, wx.ErrBalance) {
		// An earlier try may have got through with its answer lost, and refusals are not
		// always signed: before the money counts as still here, the number is asked about.
		state, failure := s.WeChat.QueryRefund(ctx, tradeOf(o, r.OutTradeNo), r.ID)
		if failure == nil {
			return s.settleRefund(ctx, state)
		}
		if !errors.Is(failure, wx.ErrRefundUnknown) {
			return o, wx.ErrBusy.Because(errors.Join(err, failure))
		}
	}
	changed, failure := s.update(ctx, o.ID, func(o *model.Order) error {
		at := refundByID(o, r.ID)
		if at.Status != model.RefundCreated {
			return errNothingToDo
		}
		if u := model.AsError(err).Upstream; u != nil {
			at.LastError = u.Code + ": " + u.Message
		}
		if errors.Is(err, wx.ErrBalance) { // the same number may be tried again when there is money
			return nil
		}
		s.note(o, "refund_failed", r.ID, at.LastError)
		return errors.Join(moveRefund(at, model.RefundFailed), s.emitRefund(o, model.EventRefundFailed, *at))
	})
	if failure != nil {
		return o, failure
	}
	if errors.Is(err, wx.ErrBalance) {
		s.Log.ErrorContext(ctx, "the merchant's balance does not cover a refund; it is tried again until it does", "refund_id", r.ID, "amount_fen", int64(r.Amount))
	}
	return changed, err
}

// unknown reports whether WeChat Pay may or may not have done what it was asked.
func unknown(err error) bool {
	for _, e := range []error{wx.ErrBusy, wx.ErrTimeout, wx.ErrForged, wx.ErrRateLimited, model.ErrUnavailable} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// refundedWhole is the length of a refund's id: the order's, R and three digits.
const refundIDLength = 30

// orderIDOfRefund undoes the id of a refund; "" when it is not one of ours.
func orderIDOfRefund(id string) string {
	if len(id) != refundIDLength || id[26] != 'R' || !model.ValidID(id[:26]) {
		return ""
	}
	return id[:26]
}

func refundByID(o *model.Order, id string) *model.Refund {
	for i := range o.Refunds {
		if o.Refunds[i].ID == id {
			return &o.Refunds[i]
		}
	}
	return nil
}

// FindRefund returns one refund and its order. Errors: refund_not_found.
func (s *Service) FindRefund(ctx context.Context, id string) (model.Order, model.Refund, error) {
	orderID := orderIDOfRefund(id)
	if orderID == "" {
		return model.Order{}, model.Refund{}, errNoRefund
	}
	o, err := s.Order(ctx, orderID)
	if errors.Is(err, errNoOrder) {
		err = errNoRefund
	}
	if err != nil {
		return o, model.Refund{}, err
	}
	r := refundByID(&o, id)
	if r == nil {
		return o, model.Refund{}, errNoRefund
	}
	return o, *r, nil
}
