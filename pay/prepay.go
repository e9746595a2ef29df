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
	// prepayLife is how long a stored prepay_id is handed out again. WeChat Pay
	// keeps it for two hours; the payer needs some of them to pay.
	prepayLife = 110 * time.Minute
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
	AppID   string // "" takes the app of the caller's session
	Caller  Caller
}

// Prepaid is an open payment: Invoke goes to the client unchanged.
type Prepaid struct {
	Order   model.Order
	Payment model.Payment
	Invoke  wx.Invoke
}

// Prepay opens a payment for an order, or returns the open one signed anew. An order
// that has no payer yet is bound to the caller once WeChat Pay has accepted the prepay.
//
// Errors: order_not_found, not_your_order, order_paid, order_closed, order_expired,
// too_many_payments, payment_replaced, method_not_available, payer_required, payer_has_no_openid,
// invalid_input, and those of wx/wxpay.Gateway.Prepay.
func (s *Service) Prepay(ctx context.Context, r PrepayRequest) (Prepaid, error) {
	o, err := s.Order(ctx, r.OrderID)
	if err != nil {
		return Prepaid{}, err
	}
	want, err := s.wanted(ctx, o, r)
	if err != nil {
		return Prepaid{}, err
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

// wish is the payment that a caller wants: what makes two attempts the same one.
type wish struct {
	userID string
	method model.Method
	appID  string
	openID string
	notify string
}

func (w wish) matches(p model.Payment) bool {
	return p.Method == w.method && p.AppID == w.appID && p.OpenID == w.openID && p.NotifyURL == w.notify
}

func (s *Service) wanted(ctx context.Context, o model.Order, r PrepayRequest) (wish, error) {
	w := wish{userID: o.UserID, method: r.Method, appID: r.AppID, notify: s.notifyURL(o.MerchantID)}
	if !r.Caller.Backend {
		if o.UserID != "" && o.UserID != r.Caller.UserID {
			return w, errNotYours
		}
		w.userID = r.Caller.UserID
	}
	if r.Method != model.MethodMiniProgram {
		return w, errMethod
	}
	if w.userID == "" {
		return w, errPayerRequired
	}
	if w.appID == "" {
		w.appID = r.Caller.AppID
	}
	if err := s.checkApp(o.MerchantID, w.appID); err != nil {
		return w, err
	}
	var err error
	w.openID, err = s.Payers.OpenID(ctx, w.userID, w.appID)
	return w, err
}

func (s *Service) checkApp(merchantID, appID string) error {
	if appID == "" {
		return model.InvalidField("app_id", "is needed: the mini-program that the payer pays in")
	}
	if s.Apps[appID] != model.MiniProgram {
		return model.InvalidField("app_id", "is not a mini-program configured here")
	}
	if apps := s.merchants[merchantID].Apps; len(apps) > 0 && !slices.Contains(apps, appID) {
		return model.InvalidField("app_id", "is not bound to this merchant")
	}
	return nil
}

func (s *Service) notifyURL(merchantID string) string {
	return s.PublicURL + "/v1/notify/wechat-pay/" + merchantID
}

// attempt reserves a number, asks WeChat Pay, and records the answer.
func (s *Service) attempt(ctx context.Context, orderID string, w wish) (Prepaid, error) {
	o, err := s.update(ctx, orderID, func(o *model.Order) error { return s.reserve(o, w) })
	if err != nil {
		return Prepaid{}, err
	}
	p := matching(o, w)
	if p.PrepayID == "" || s.now().Sub(p.PrepaidAt) > prepayLife {
		if o, err = s.ask(ctx, o, *p, w.userID); err != nil {
			return Prepaid{}, err
		}
		p = paymentByNumber(&o, p.OutTradeNo)
	}
	invoke, err := s.WeChat.Invoke(o.MerchantID, p.AppID, p.PrepayID)
	return Prepaid{Order: o, Payment: *p, Invoke: invoke}, err
}

// admit reports why the order cannot be paid, or not by this person.
func (s *Service) admit(o model.Order, w wish) error {
	switch {
	case o.UserID != "" && o.UserID != w.userID:
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
		OpenID: w.openID, NotifyURL: w.notify, Status: model.PaymentCreated, CreatedAt: now,
	})
	o.CheckAt = now.Add(s.SweepEvery)
	return nil
}

// ask sends the prepay of a reserved attempt and records its prepay_id. An order that
// was nobody's is the payer's from then on: a prepay that WeChat Pay refuses binds
// nobody.
func (s *Service) ask(ctx context.Context, o model.Order, p model.Payment, userID string) (model.Order, error) {
	prepayID, err := s.WeChat.Prepay(ctx, wx.Prepay{
		MerchantID: o.MerchantID, AppID: p.AppID, OpenID: p.OpenID, OutTradeNo: p.OutTradeNo,
		Description: o.Description, Attach: o.Attach, NotifyURL: p.NotifyURL,
		Amount: o.Amount, Currency: o.Currency, ExpiresAt: o.ExpiresAt,
	})
	if err != nil {
		return o, s.refused(ctx, o, p, err)
	}
	return s.update(ctx, o.ID, func(o *model.Order) error {
		at := paymentByNumber(o, p.OutTradeNo)
		switch { // what happened while WeChat Pay was answering
		case o.Status == model.OrderClosed:
			return errOrderClosed
		case !open(*o):
			return errOrderPaid
		case !live(*at): // another prepay has closed it
			return errRivals
		case o.UserID != "" && o.UserID != userID:
			return errNotYours
		}
		o.UserID = userID
		if at.Status == model.PaymentCreated {
			if err := movePayment(at, model.PaymentPending); err != nil {
				return err
			}
		}
		if o.Status == model.OrderCreated {
			if err := moveOrder(o, model.OrderPending); err != nil {
				return err
			}
		}
		at.PrepayID, at.PrepaidAt = prepayID, s.now()
		return nil
	})
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
	return slices.ContainsFunc(o.Payments, func(p model.Payment) bool { return live(p) && !w.matches(p) })
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
