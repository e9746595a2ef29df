package shipping

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/tasks"
	"wxhub/wx"
)

// Kind is the kind of the tasks that Handle does.
const Kind = "shipping"

// Mini uploads. wx/mini.Client is one; the errors are those listed there.
type Mini interface {
	UploadShipping(ctx context.Context, appID string, s wx.Shipping) error
}

// Queue stores tasks. tasks.Queue is one.
type Queue interface {
	Add(ctx context.Context, kind, id string, body []byte) (bool, error)
}

// Options are what a Shipper is made of.
type Options struct {
	Pay       *pay.Service
	Mini      Mini
	Queue     Queue
	Automatic map[string]wx.Logistics // by app: those whose orders are told by themselves, and how
	Apps      map[string]bool         // the mini-programs
	Now       func() time.Time
}

// Shipper tells WeChat how orders are delivered.
type Shipper struct{ Options }

// New makes a shipper.
func New(o Options) *Shipper { return &Shipper{o} }

// job is the body of a task. It holds no openid: the order does.
type job struct {
	OrderID      string            `json:"order_id"`
	Automatic    bool              `json:"automatic,omitempty"`
	Logistics    wx.Logistics      `json:"logistics"`
	Items        []wx.ShippingItem `json:"items"`
	AllDelivered bool              `json:"all_delivered"`
	At           time.Time         `json:"at"` // the same in every try: WeChat lets the later count
}

// Paid follows the events of orders: when one was paid in a mini-program that is
// configured for it, the upload is stored as a task. It may see an event again and again.
//
// Errors: those of the store; the event must be shown again.
func (s *Shipper) Paid(ctx context.Context, e model.Event) error {
	if e.Type != model.EventOrderPaid || len(s.Automatic) == 0 {
		return nil
	}
	o, err := s.Pay.Order(ctx, e.Subject)
	if err != nil {
		return unlessGone(err)
	}
	p, paid := pay.PaidPayment(o)
	how, configured := s.Automatic[p.AppID]
	if !paid || !configured || p.Method != model.MethodMiniProgram {
		return nil
	}
	return s.store(ctx, Kind+"."+p.TransactionID, job{
		OrderID: o.ID, Automatic: true, Logistics: how, AllDelivered: true, At: model.Instant(s.Now()),
		Items: []wx.ShippingItem{{Description: shorten(o.Description)}},
	})
}

// Request is how a backend says that an order is delivered.
type Request struct {
	Logistics    wx.Logistics
	Items        []wx.ShippingItem
	AllDelivered bool
}

// Accept stores what a backend says about the delivery of a paid order; it is uploaded in
// the background, and the order's timeline tells what became of it. The same request again
// is the same upload.
//
// Errors: order_not_found, order_not_paid, shipping_not_needed, invalid_input.
func (s *Shipper) Accept(ctx context.Context, orderID string, r Request) error {
	o, err := s.Pay.Order(ctx, orderID)
	if err != nil {
		return err
	}
	p, paid := pay.PaidPayment(o)
	switch {
	case !paid:
		return errNotPaid
	case p.Method != model.MethodMiniProgram || !s.Apps[p.AppID]:
		return errNotNeeded
	}
	for i := range r.Items {
		if r.Items[i].Description == "" {
			r.Items[i].Description = shorten(o.Description)
		}
	}
	if err := check(r); err != nil {
		return err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	err = s.store(ctx, Kind+"."+p.TransactionID+"."+hex.EncodeToString(sum[:8]), job{
		OrderID: o.ID, Logistics: r.Logistics, Items: r.Items, AllDelivered: r.AllDelivered, At: model.Instant(s.Now()),
	})
	if err != nil {
		return err
	}
	return s.Pay.Remark(ctx, o.ID, "shipping_accepted", p.OutTradeNo, what(r.Logistics, r.Items))
}

func (s *Shipper) store(ctx context.Context, id string, j job) error {
	body, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = s.Queue.Add(ctx, Kind, id, body)
	return err
}

// Handle is the tasks.Handler of Kind: it uploads, and writes into the order's timeline
// what became of it. What WeChat holds already counts as done.
func (s *Shipper) Handle(ctx context.Context, body []byte) ([]model.Event, error) {
	var j job
	if err := json.Unmarshal(body, &j); err != nil {
		return nil, tasks.Final(err)
	}
	o, err := s.Pay.Order(ctx, j.OrderID)
	if err != nil {
		return nil, unlessGone(err)
	}
	p, paid := pay.PaidPayment(o)
	if !paid { // it was when the task was stored, and stays so
		return nil, tasks.Final(errNotPaid)
	}
	err = s.Mini.UploadShipping(ctx, p.AppID, wx.Shipping{
		TransactionID: p.TransactionID, OpenID: p.OpenID, Logistics: j.Logistics, Items: j.Items, AllDelivered: j.AllDelivered, At: j.At,
	})
	if j.Automatic && errors.Is(err, wx.ErrShipped) {
		err = nil // somebody has told it, in whatever way
	}
	step, note, outcome := "shipping_uploaded", what(j.Logistics, j.Items), error(nil)
	switch {
	case err == nil:
	case errors.Is(err, wx.ErrRejected), errors.Is(err, wx.ErrShipped), model.AsError(err).Kind == model.KindInvalid:
		step, note, outcome = "shipping_refused", note+": "+words(err), tasks.Final(err)
	default:
		step, note, outcome = "shipping_delayed", note+": "+words(err), err
	}
	if err := s.Pay.Remark(ctx, o.ID, step, p.OutTradeNo, note); err != nil {
		return nil, err // it is done again, so that the timeline is true
	}
	return nil, outcome
}

// what tells one upload of an order from another in the timeline: how it is delivered, and the parcels' numbers.
func what(how wx.Logistics, items []wx.ShippingItem) string {
	text := ""
	for name, kind := range Names {
		if kind == how {
			text = name
		}
	}
	for _, i := range items {
		if i.TrackingNo != "" {
			text += " " + i.TrackingNo
		}
	}
	return text
}

// words are what people are told about an error: WeChat's own, if there are any.
func words(err error) string {
	e := model.AsError(err)
	if e.Upstream != nil {
		return e.Upstream.Code + ": " + e.Upstream.Message
	}
	return e.Message
}

func unlessGone(err error) error {
	if model.AsError(err).Kind == model.KindNotFound {
		return nil
	}
	return err
}
