package pay

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"wxhub/model"
	"wxhub/wx"
)

// Orders paid together (合单支付): one payment of the payer, a sub order at WeChat Pay for each
// order, with an out_trade_no, a transaction_id, refunds and a line in the bill of its own. So an
// order that is paid together with others is an order like any other: its part is one of
// its payments, which the whole's number (Payment.CombineOutTradeNo) says belongs to others,
// and goes through settle, refunds and reconciliation as all do. Only what WeChat Pay does to
// the whole goes another way: prepay, query and close.
//
//	reserving ──────▶ asked
//	    │               │
//	    └──▶ closed ◀───┘
//
// The combined order keeps which numbers belong together. Before WeChat Pay hears of an
// attempt each order has stored its number (reserving); that it may have heard is stored
// before it does (asked), so what is still reserving can be given up without asking.
//
// An order can be paid in one way only: who opens a payment of it, alone or in another
// combination, closes the whole that it is a part of first, and with it the parts of its
// siblings; and the other way round.

// CombinePay is what this package needs of WeChat Pay for orders paid together.
// wx/wxpay.Gateway is one; the errors are those listed there.
type CombinePay interface {
	// PrepayCombined returns what WeChatPay.Prepay returns.
	PrepayCombined(ctx context.Context, p wx.CombinedPrepay) (string, error)
	QueryCombined(ctx context.Context, merchantID, outTradeNo string) (wx.CombinedTransaction, error)
	// CloseCombined wants exactly the parts that were asked for.
	CloseCombined(ctx context.Context, t wx.CombinedTrade, parts []wx.Trade) error
	InvokeCombinedApp(merchantID, appID, prepayID string) (wx.AppInvoke, error)
}

// MinTogether and MaxTogether bound how many orders are paid together. A service provider
// could take more (PROTOCOL §2.5).
const (
	MinTogether = 2
	MaxTogether = 10
)

// Combined is a combined order with its orders as they are, in its order.
type Combined struct {
	model.CombinedOrder
	Members []model.Order
}

// Combine makes a combined order of orders that the caller may see and that can be paid:
// of one merchant or service provider, in one currency, and of one payer or of nobody yet.
//
// Errors: invalid_input; order_not_found, not_your_order, order_paid, order_closed,
// order_expired about one of the orders; idempotency_conflict when
// the key was used with other orders.
func (s *Service) Combine(ctx context.Context, ids []string, c Caller, key IdempotencyKey) (Combined, error) {
	if len(ids) < MinTogether || len(ids) > MaxTogether {
		return Combined{}, model.InvalidField("orders", "must be %d to %d", MinTogether, MaxTogether)
	}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return Combined{}, model.InvalidField(fmt.Sprintf("orders[%d]", i), "is there twice")
		}
	}
	made, err := s.newCombined(ids, key)
	if err != nil {
		return Combined{}, err
	}
	if key.Key != "" { // the answer to a repeated request, whatever has become of the orders
		first, err := s.Combined.CombinedOrder(ctx, made.ID)
		if err == nil {
			return s.repeated(ctx, first, made, c)
		}
		if !errors.Is(err, model.ErrNotFound) {
			return Combined{}, err
		}
	}
	members, err := s.members(ctx, ids, c)
	if err != nil {
		return Combined{}, err
	}
	if err := s.combinable(members); err != nil {
		return Combined{}, err
	}
	made.MerchantID = members[0].MerchantID
	created, err := s.Combined.AddCombinedOrder(ctx, made)
	if err != nil {
		return Combined{}, err
	}
	if !created {
		first, err := s.storedCombined(ctx, made.ID)
		if err != nil {
			return Combined{}, err
		}
		return s.repeated(ctx, first, made, c)
	}
	made.Version = 1
	return Combined{made, members}, nil
}

// repeated answers a request whose Idempotency-Key was used before.
func (s *Service) repeated(ctx context.Context, first, asked model.CombinedOrder, c Caller) (Combined, error) {
	if first.BodyHash != asked.BodyHash {
		return Combined{}, errIdempotency
	}
	members, err := s.members(ctx, first.Orders, c)
	return Combined{first, members}, err
}

// newCombined makes a combined order. With an Idempotency-Key its id is made of the key, so that
// the store itself lets each request make one only.
func (s *Service) newCombined(ids []string, key IdempotencyKey) (model.CombinedOrder, error) {
	id, err := s.IDs.New()
	if err != nil {
		return model.CombinedOrder{}, err
	}
	c := model.CombinedOrder{ID: id, Orders: ids, CreatedAt: s.now()}
	if key.Key != "" {
		body, err := json.Marshal(ids)
		if err != nil {
			return c, err
		}
		sum := sha256.Sum256([]byte("combined\x00" + key.Scope + "\x00" + key.Key))
		c.ID, c.BodyHash = ulid.ULID(sum[:16]).String(), hash(string(body))
	}
	return c, nil
}

// combinable reports why orders cannot be paid together.
func (s *Service) combinable(members []model.Order) error {
	payer, first := "", members[0]
	for i, o := range members {
		if err := s.admit(o, wish{}); err != nil {
			return err
		}
		if payer == "" {
			payer = o.UserID
		}
		field := fmt.Sprintf("orders[%d]", i)
		switch {
		case o.MerchantID != first.MerchantID:
			return model.InvalidField(field, "is of another merchant than the first; orders of one merchant or of one service provider can be paid together")
		case o.Currency != first.Currency:
			return model.InvalidField(field, "is in another currency than the first")
		case o.UserID != "" && o.UserID != payer:
			return model.InvalidField(field, "is another user's than the orders before it")
		}
	}
	return nil
}

// FindCombined returns a combined order that the caller may see: one who may see each of its
// orders; fresh asks WeChat Pay first.
//
// Errors: combined_order_not_found, not_your_order; with fresh those of
// wx/wxpay.Gateway.QueryCombined.
func (s *Service) FindCombined(ctx context.Context, id string, c Caller, fresh bool) (Combined, error) {
	stored, err := s.storedCombined(ctx, id)
	if err != nil {
		return Combined{}, err
	}
	members, err := s.members(ctx, stored.Orders, c)
	if err != nil || !fresh {
		return Combined{stored, members}, err
	}
	var faults error
	for _, p := range stored.Payments {
		undecided := slices.ContainsFunc(members, func(o model.Order) bool {
			part := partIn(&o, p.OutTradeNo)
			return part != nil && unresolved(*part)
		})
		if undecided {
			faults = errors.Join(faults, s.refreshTogether(ctx, stored.MerchantID, p.OutTradeNo))
		}
	}
	if faults != nil {
		return Combined{}, faults
	}
	members, err = s.members(ctx, stored.Orders, c)
	return Combined{stored, members}, err
}

func (s *Service) storedCombined(ctx context.Context, id string) (model.CombinedOrder, error) {
	if !model.ValidID(id) {
		return model.CombinedOrder{}, errNoCombined
	}
	c, err := s.Combined.CombinedOrder(ctx, id)
	if errors.Is(err, model.ErrNotFound) {
		err = errNoCombined
	}
	return c, err
}

// members are orders as they are, all of which the caller may see.
func (s *Service) members(ctx context.Context, ids []string, c Caller) ([]model.Order, error) {
	var out []model.Order
	for _, id := range ids {
		o, err := s.Visible(ctx, id, c)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// updateCombined is update for a combined order.
func (s *Service) updateCombined(ctx context.Context, id string, change func(*model.CombinedOrder) error) (model.CombinedOrder, error) {
	for range maxConflicts {
		c, err := s.storedCombined(ctx, id)
		if err != nil {
			return c, err
		}
		was := c
		was.Payments = slices.Clone(c.Payments)
		switch err := change(&c); {
		case errors.Is(err, errNothingToDo):
			return c, nil
		case err != nil:
			return c, err
		}
		if err := lawfulCombined(was, c); err != nil {
			return c, err
		}
		err = s.Combined.ReplaceCombinedOrder(ctx, c)
		if err == nil {
			c.Version++
			return c, nil
		}
		if !errors.Is(err, model.ErrStale) {
			return c, err
		}
	}
	return model.CombinedOrder{}, model.ErrStale
}

// combineNumber is the combined order's id, C and the number of the attempt: 29 characters,
// leading back to the combined order without an index.
func combineNumber(id string, n int) string { return fmt.Sprintf("%sC%02d", id, n) }

// combinedIDOf undoes combineNumber; "" when it is not one of ours.
func combinedIDOf(number string) string {
	if len(number) != 29 || number[26] != 'C' || !model.ValidID(number[:26]) {
		return ""
	}
	return number[:26]
}

// attemptOf is the attempt with a number, or nil.
func attemptOf(c *model.CombinedOrder, number string) *model.CombinedPayment {
	for i := range c.Payments {
		if c.Payments[i].OutTradeNo == number {
			return &c.Payments[i]
		}
	}
	return nil
}

// partIn is the payment of an order that is a part of a whole, or nil.
func partIn(o *model.Order, number string) *model.Payment {
	for i := range o.Payments {
		if o.Payments[i].CombineOutTradeNo == number {
			return &o.Payments[i]
		}
	}
	return nil
}

// expiryOf is the last time to pay orders together: that of the first that expires.
func expiryOf(members []model.Order) time.Time {
	at := members[0].ExpiresAt
	for _, o := range members[1:] {
		if o.ExpiresAt.Before(at) {
			at = o.ExpiresAt
		}
	}
	return at
}
