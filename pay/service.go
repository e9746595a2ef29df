package pay

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// WeChatPay is what this package needs of WeChat Pay. wx/wxpay.Gateway is one; the
// errors are those listed there.
type WeChatPay interface {
	// Prepay returns a prepay_id, for native a code_url, for H5 an h5_url.
	Prepay(ctx context.Context, p wx.Prepay) (string, error)
	Query(ctx context.Context, t wx.Trade) (wx.Transaction, error)
	Close(ctx context.Context, t wx.Trade) error
	Invoke(merchantID, appID, prepayID string) (wx.Invoke, error)
	InvokeApp(t wx.Trade, appID, prepayID string) (wx.AppInvoke, error)
	Refund(ctx context.Context, r wx.RefundRequest) (wx.RefundState, error)
	QueryRefund(ctx context.Context, t wx.Trade, outRefundNo string) (wx.RefundState, error)
	Open(ctx context.Context, merchantID string, header func(string) string, body []byte) (wx.Notification, error)
	// Reopen opens a notification that was stored as it came at receivedAt.
	Reopen(ctx context.Context, merchantID string, header func(string) string, body []byte, receivedAt time.Time) (wx.Notification, error)
}

// Merchant is what orders need to know of a merchant.
type Merchant struct {
	ID           string
	Apps         []string      // app ids bound to the merchant at WeChat Pay; empty: all
	Partner      bool          // a service provider: orders name one of SubMerchants
	AppID        string        // of a service provider: its own app (sp_appid)
	SubMerchants []SubMerchant // of a service provider
}

// SubMerchant is a merchant whose payments a service provider takes.
type SubMerchant struct {
	ID   string
	Apps []string // its own apps (sub_appid), in which payers can pay
}

// App is one configured app.
type App struct {
	ID   string
	Kind model.AppKind
}

// CollectCode is a fixed QR code whose payer types the amount.
type CollectCode struct {
	ID, MerchantID, SubMerchantID, Title string
	Min, Max                             model.Fen // both inclusive
}

// Options are what a Service is made of.
type Options struct {
	Orders       Orders
	Idempotency  Idempotency
	WeChat       WeChatPay
	CodePay      CodePay        // nil: no payments by code
	Together     CombinePay     // of several orders in one payment
	Combined     CombinedOrders // which orders those are
	Profits      ProfitSharer
	Transfers    Transfers
	Bills        TransferBills
	Payers       Payers
	Merchants    []Merchant
	Apps         []App // every configured app
	CollectCodes []CollectCode
	// RefundLate decides about a payment that comes after its order was closed: true gives it
	// back, false takes the order as paid after all.
	RefundLate bool
	PublicURL  string        // what WeChat calls back, without a trailing slash
	SweepEvery time.Duration // how often an unpaid order is asked for at WeChat
	Now        func() time.Time
	IDs        model.IDs
	Log        *slog.Logger
	OnEvent    func() // may be nil; called when an event has become durable, so that it is sent at once
	// OnPaid may be nil; called after a payment has settled its order. It must not fail.
	OnPaid func(ctx context.Context, p model.Payment)
}

// Service is the payment side of wxhub. It holds no state of its own and is safe
// for concurrent use by many processes on one store.
type Service struct {
	Options
	merchants map[string]Merchant
	codes     map[string]CollectCode
}

// New makes a service.
func New(o Options) *Service {
	s := &Service{Options: o, merchants: map[string]Merchant{}, codes: map[string]CollectCode{}}
	if s.CodePay == nil {
		s.CodePay = noCodePay{}
	}
	for _, m := range o.Merchants {
		s.merchants[m.ID] = m
	}
	for _, c := range o.CollectCodes {
		s.codes[c.ID] = c
	}
	return s
}

// Order returns one order. Errors: not_found.
func (s *Service) Order(ctx context.Context, id string) (model.Order, error) {
	o, err := s.stored(ctx, id)
	if err != nil {
		return o, err
	}
	o.UserID, err = s.survivor(ctx, o.UserID)
	return o, err
}

// stored returns one order with the user that it was made with.
func (s *Service) stored(ctx context.Context, id string) (model.Order, error) {
	if !model.ValidID(id) {
		return model.Order{}, errNoOrder
	}
	o, err := s.Orders.Order(ctx, id)
	if errors.Is(err, model.ErrNotFound) {
		return model.Order{}, errNoOrder
	}
	return o, err
}

// errNothingToDo ends an update without a write.
var errNothingToDo = errors.New("nothing to do")

// maxConflicts bounds the retries of one update. Each retry means that another
// process succeeded in changing the same order, so this many is never seen in earnest.
const maxConflicts = 200

// update changes one order: read, change, replace if it is still what was read,
// else again. change may run several times and must not do I/O; it may return
// errNothingToDo. The order returned is the one that stands in the store.
func (s *Service) update(ctx context.Context, id string, change func(*model.Order) error) (model.Order, error) {
	for range maxConflicts {
		o, err := s.stored(ctx, id)
		if err != nil {
			return o, err
		}
		own := o.UserID
		survivor, err := s.survivor(ctx, own)
		if err != nil {
			return o, err
		}
		was := snapshot(o)
		o.UserID = survivor
		switch err := change(&o); {
		case errors.Is(err, errNothingToDo):
			return o, nil
		case err != nil:
			return o, err
		}
		s.keepCodeInSight(&o)
		changed := o
		if o.UserID == survivor {
			changed.UserID = own
		}
		if err := lawful(was, changed); err != nil {
			return o, err
		}
		err = s.Orders.ReplaceOrder(ctx, changed)
		if err == nil {
			o.Version++
			if len(o.Outbox) > 0 && s.OnEvent != nil {
				s.OnEvent()
			}
			return o, nil
		}
		if !errors.Is(err, model.ErrStale) {
			return o, err
		}
	}
	return model.Order{}, model.ErrStale
}

func (s *Service) now() time.Time { return model.Instant(s.Now()) }

// Visible returns an order that the caller may see: a backend sees all, a user sees
// their own and, knowing its unguessable id, one that nobody has begun to pay.
//
// Errors: order_not_found, not_your_order.
func (s *Service) Visible(ctx context.Context, id string, c Caller) (model.Order, error) {
	o, err := s.Order(ctx, id)
	if err == nil && !c.Backend && o.UserID != "" && o.UserID != c.UserID {
		return model.Order{}, errNotYours
	}
	return o, err
}
