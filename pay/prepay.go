package pay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

const (
	// prepayLife is how long a stored prepay_id or code_url is handed out again. WeChat Pay
	// keeps it for two hours; the payer needs some of them to pay. An h5_url lives for five
	// minutes.
	prepayLife, h5Life = 110 * time.Minute, 4 * time.Minute
	// maxPayments bounds the attempts of one order; out_trade_no has two digits for them.
	maxPayments = 50
)

// Caller is who asks for something: a user with a session, or a business backend.
type Caller struct {
	Backend bool
	UserID  string // the user, when it is one
	AppID   string // the app that the user's session came from
}

// PrepayRequest asks to open a payment.
type PrepayRequest struct {
	OrderID string
	Method  model.Method
	AppID   string // "" takes the app of the caller's session, or the only one that fits
	// ClientIP is the payer's address, for H5: WeChat compares it with the browser's.
	ClientIP string
	Caller   Caller
	Code     Code // for code
}

// Prepaid is an open payment: Invoke goes to the client unchanged.
type Prepaid struct {
	Order   model.Order
	Payment model.Payment
	Invoke  Invoke
}

// Invoke is what the client hands to WeChat: one of these, as the method wants it.
type Invoke struct {
	JSAPI   *wx.Invoke    // mini_program, official_account
	App     *wx.AppInvoke // app
	CodeURL string        // native: show it as a QR code
	H5URL   string        // h5: open it in the payer's browser
}

// Prepay opens a payment for an order, or returns the open one signed anew. An order
// that has no payer yet is bound to the caller once WeChat Pay has accepted the prepay.
//
// Errors: order_not_found, not_your_order, order_paid, order_closed, order_expired,
// too_many_payments, payment_replaced, payment_in_progress, method_not_available, payer_required,
// payer_has_no_openid, api_key_required, invalid_input, and those of wx/wxpay.Gateway.Prepay and
// PayCode.
func (s *Service) Prepay(ctx context.Context, r PrepayRequest) (Prepaid, error) {
	o, err := s.Order(ctx, r.OrderID)
	if err != nil {
		return Prepaid{}, err
	}
	want, err := s.wanted(ctx, r, o)
	if err != nil {
		return Prepaid{}, err
	}
	if r.Method == model.MethodCode {
		return s.payByCode(ctx, o.ID, want, r)
	}
	prepaid, err := s.openPayment(ctx, o.ID, want)
	if errors.Is(err, wx.ErrTradeClosed) || errors.Is(err, wx.ErrTradeDiffers) {
		// The number is spent: it was closed behind our back or holds other values.
		// attempt has retired it; the second try takes a new one.
		prepaid, err = s.openPayment(ctx, o.ID, want)
	}
	return prepaid, err
}

// maxRivals bounds how often two prepays of one order, each wanting another payment,
// may take the order from each other before one of them is told to come again.
const maxRivals = 5

// openPayment closes every other attempt, then opens the wished-for one. When another
// prepay was faster with an attempt of its own, that one is closed too: money can come
// through one attempt only. Nothing is closed for somebody who may not pay.
func (s *Service) openPayment(ctx context.Context, orderID string, w wish) (Prepaid, error) {
	for range maxRivals {
		o, err := s.Order(ctx, orderID)
		if err != nil {
			return Prepaid{}, err
		}
		if err := s.admit(o, w); err != nil {
			return Prepaid{}, err
		}
		if err := s.awaitCodes(ctx, o, w); err != nil {
			return Prepaid{}, err
		}
		if err := s.closeOthers(ctx, o, w); err != nil {
			return Prepaid{}, err
		}
		prepaid, err := s.attempt(ctx, orderID, w)
		if !errors.Is(err, errStillLive) {
			return prepaid, err
		}
	}
	return Prepaid{}, errRivals
}

// attempt reserves a number, asks WeChat Pay, and records the answer.
func (s *Service) attempt(ctx context.Context, orderID string, w wish) (Prepaid, error) {
	o, err := s.update(ctx, orderID, func(o *model.Order) error { return s.reserve(o, w) })
	if err != nil {
		return Prepaid{}, err
	}
	p := matching(o, w)
	if p.PrepayID == "" || s.now().Sub(p.PrepaidAt) > lifeOf(p.Method) {
		if o, err = s.ask(ctx, o, *p, w.userID); err != nil {
			return Prepaid{}, err
		}
		p = paymentByNumber(&o, p.OutTradeNo)
	}
	invoke, err := s.invoke(o, *p)
	return Prepaid{Order: o, Payment: *p, Invoke: invoke}, err
}

// admit reports why the order cannot be paid, or not by this person.
func (s *Service) admit(o model.Order, w wish) error {
	switch {
	case o.UserID != "" && w.userID != "" && o.UserID != w.userID:
		return errNotYours
	case o.Status == model.OrderClosed:
		return errOrderClosed
	case !open(o):
		return errOrderPaid
	case !s.now().Before(o.ExpiresAt):
		return errOrderExpired
	}
	return nil
}

// reserve makes sure that the order has a live attempt for the wish.
func (s *Service) reserve(o *model.Order, w wish) error {
	if err := s.admit(*o, w); err != nil {
		return err
	}
	switch {
	case rivals(*o, w):
		return errStillLive
	case matching(*o, w) != nil:
		return errNothingToDo
	case w.combined != "" && partIn(o, w.combined) != nil:
		return errSpent
	case len(o.Payments) >= maxPayments:
		return errTooManyTries
	}
	now := s.now()
	id, err := s.IDs.New()
	if err != nil {
		return err
	}
	o.Payments = append(o.Payments, model.Payment{
		ID: id, OutTradeNo: outTradeNo(o.ID, len(o.Payments)+1), Method: w.method, AppID: w.appID,
		OpenID: w.openID, ClientIP: w.clientIP, NotifyURL: w.notify, Status: model.PaymentCreated, CreatedAt: now, AuthCodeHash: w.authCode,
		CombineOutTradeNo: w.combined,
	})
	o.CheckAt = now.Add(s.SweepEvery)
	s.note(o, "payment_opened", o.Payments[len(o.Payments)-1].OutTradeNo, string(w.method))
	return nil
}

// ask sends the prepay of a reserved attempt and records its prepay_id. An order that
// was nobody's is the payer's from then on: a prepay that WeChat Pay refuses binds
// nobody.
func (s *Service) ask(ctx context.Context, o model.Order, p model.Payment, userID string) (model.Order, error) {
	prepayID, err := s.WeChat.Prepay(ctx, s.prepayOf(o, p))
	if err != nil {
		return o, s.refused(ctx, o, p, err)
	}
	return s.update(ctx, o.ID, func(o *model.Order) error {
		at := paymentByNumber(o, p.OutTradeNo)
		at.PrepayID, at.PrepaidAt = prepayID, s.now()
		return accepted(o, at, userID)
	})
}

// accepted records that WeChat Pay expects an attempt to be paid, by a user when one is
// given.
func accepted(o *model.Order, at *model.Payment, userID string) error {
	switch { // what happened while WeChat Pay was answering
	case o.Status == model.OrderClosed:
		return errOrderClosed
	case !open(*o):
		return errOrderPaid
	case !live(*at): // another prepay has closed it
		return errRivals
	case o.UserID != "" && userID != "" && o.UserID != userID:
		return errNotYours
	}
	if binds(at.Method) && userID != "" {
		o.UserID = userID
	}
	if at.Status == model.PaymentCreated {
		if err := movePayment(at, model.PaymentPending); err != nil {
			return err
		}
	}
	if o.Status == model.OrderCreated {
		return moveOrder(o, model.OrderPending)
	}
	return nil
}

// refused decides what WeChat Pay's refusal means for the attempt, and returns the
// error for the caller. An unknown outcome leaves the attempt as it is: the next
// prepay repeats the same number.
func (s *Service) refused(ctx context.Context, o model.Order, p model.Payment, refusal error) error {
	switch {
	case errors.Is(refusal, wx.ErrTradePaid):
		if _, err := s.Refresh(ctx, o.ID); err != nil {
			return err
		}
		return errOrderPaid
	case errors.Is(refusal, wx.ErrTradeClosed), errors.Is(refusal, wx.ErrTradeDiffers):
		if err := s.closePayment(ctx, o, p, model.PaymentClosed); err != nil {
			return err
		}
	case errors.Is(refusal, wx.ErrRejected) && p.PrepayID == "":
		// An earlier try of this number may have got through with its answer lost, so it
		// is not given up before it is closed. If that fails, it stays as it is.
		if err := s.closePayment(ctx, o, p, model.PaymentFailed); errors.Is(err, errOrderPaid) {
			return err
		}
	}
	return refusal
}

// matching returns the live attempt for a wish, or nil.
func matching(o model.Order, w wish) *model.Payment {
	for i := range o.Payments {
		if live(o.Payments[i]) && w.matches(o.Payments[i]) {
			return &o.Payments[i]
		}
	}
	return nil
}

// rivals reports whether a live attempt is not the wished-for one.
func rivals(o model.Order, w wish) bool {
	return slices.ContainsFunc(o.Payments, func(p model.Payment) bool { return unresolved(p) && !w.matches(p) })
}

// outTradeNo is the order's id and the number of the attempt: 28 characters, unique
// because the id is, and leading back to the order without an index.
func outTradeNo(orderID string, n int) string { return fmt.Sprintf("%s%02d", orderID, n) }

// orderIDOf undoes outTradeNo; "" when it is not one of ours.
func orderIDOf(outTradeNo string) string {
	if len(outTradeNo) != 28 || !model.ValidID(outTradeNo[:26]) {
		return ""
	}
	return outTradeNo[:26]
}

func paymentByNumber(o *model.Order, number string) *model.Payment {
	for i := range o.Payments {
		if o.Payments[i].OutTradeNo == number {
			return &o.Payments[i]
		}
	}
	return nil
}
