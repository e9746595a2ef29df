package pay

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

const (
	// maxProfitSharings of one payment and maxReceivers of one of them are WeChat Pay's limits (PROTOCOL §2.9).
	maxProfitSharings, maxReceivers = 50, 50
	// maxProfitReturns of one profit sharing is ours; its number has two digits.
	maxProfitReturns = 99
	// maxProfitNote is how long WeChat Pay takes the description of a part, in characters.
	maxProfitNote = 80
	// profitDelay is how long after a payment WeChat Pay shares it at the earliest (PROTOCOL §2.9).
	profitDelay = time.Minute
)

// ProfitSharer is what this package needs of WeChat Pay to share what was paid. wx/wxpay.Gateway
// is one; the errors are those listed there.
type ProfitSharer interface {
	AddReceiver(ctx context.Context, r wx.Receiver) error
	DeleteReceiver(ctx context.Context, r wx.Receiver) error
	ShareProfit(ctx context.Context, p wx.ProfitSharing) (wx.ProfitSharingState, error)
	QueryProfitSharing(ctx context.Context, t wx.Trade, transactionID, outOrderNo string) (wx.ProfitSharingState, error)
	UnsplitAmount(ctx context.Context, t wx.Trade, transactionID string) (int64, error)
	ReturnProfit(ctx context.Context, r wx.ProfitReturn) (wx.ProfitReturnState, error)
	QueryProfitReturn(ctx context.Context, r wx.ProfitReturn) (wx.ProfitReturnState, error)
}

// ProfitSharingRequest is what a backend asks for: parts for receivers, or, with none, that
// what is left of the payment goes to the merchant.
type ProfitSharingRequest struct {
	Receivers       []ProfitPart
	UnfreezeUnsplit bool
	Description     string // of an unfreeze
}

// ProfitPart is what one receiver gets.
type ProfitPart struct {
	Type, Account, Name string
	Amount              model.Fen
	Description         string
}

// ShareProfit shares a part of what was paid for an order. It is in the store before WeChat Pay
// hears of it. Within a minute of the payment WeChat Pay refuses, so until then it waits;
// that and an answer that is not known are carried on with by the sweep, always under the
// same number.
//
// Errors: order_not_found, order_not_paid, profit_sharing_not_asked_for,
// profit_sharing_exceeds_payment, profit_sharing_over, too_many_profit_sharings,
// idempotency_conflict, invalid_input; those of wx/wxpay.Gateway.ShareProfit when WeChat Pay
// refused for good: then no money moved.
func (s *Service) ShareProfit(ctx context.Context, orderID string, r ProfitSharingRequest, key IdempotencyKey) (model.Order, model.ProfitSharing, error) {
	if err := checkProfitSharing(r); err != nil {
		return model.Order{}, model.ProfitSharing{}, err
	}
	asked := model.ProfitSharing{UnfreezeUnsplit: r.UnfreezeUnsplit || len(r.Receivers) == 0, Description: r.Description}
	for _, p := range r.Receivers {
		asked.Receivers = append(asked.Receivers, model.ProfitReceiver{
			Type: p.Type, Account: p.Account, Name: p.Name, Amount: p.Amount, Description: p.Description, Result: model.ProfitPending,
		})
	}
	var err error
	if asked.KeyHash, asked.BodyHash, err = hashes(key, r); err != nil {
		return model.Order{}, model.ProfitSharing{}, err
	}
	var id string
	o, err := s.update(ctx, orderID, func(o *model.Order) (err error) {
		id, err = s.reserveSharing(o, asked)
		return err
	})
	if err != nil {
		return o, model.ProfitSharing{}, err
	}
	if x := *sharingByID(&o, id); x.Status == model.ProfitSharingCreated && !s.shareable(o, x).After(s.now()) {
		if o, err = s.carryOutSharing(ctx, o, x); unknown(err) {
			err = nil // it stands, and the sweep goes on with it
		}
	}
	if err != nil {
		return o, model.ProfitSharing{}, err
	}
	return o, *sharingByID(&o, id), nil
}

// hashes tell a repetition of a request from another one; "" without a key.
func hashes(key IdempotencyKey, request any) (keyHash, bodyHash string, err error) {
	if key.Key == "" {
		return "", "", nil
	}
	body, err := json.Marshal(request)
	return hash(key.Scope + "\x00" + key.Key), hash(string(body)), err
}

// reserveSharing adds the profit sharing to the order, or finds the one that the same request
// made. That the parts of a payment and its refunds together never exceed it is decided
// here, by the same write that adds one.
func (s *Service) reserveSharing(o *model.Order, asked model.ProfitSharing) (string, error) {
	for _, x := range o.ProfitSharings {
		if asked.KeyHash != "" && x.KeyHash == asked.KeyHash {
			if x.BodyHash != asked.BodyHash {
				return "", errIdempotency
			}
			return x.ID, errNothingToDo
		}
	}
	p, paid := PaidPayment(*o)
	switch {
	case !paid:
		return "", errNotPaid
	case !o.ProfitSharing:
		return "", errNotToShare
	case len(o.ProfitSharings) >= maxProfitSharings:
		return "", errTooManySharings
	}
	sum := shares(asked)
	for _, x := range o.ProfitSharings {
		if x.Status != model.ProfitSharingFailed && x.UnfreezeUnsplit {
			return "", errSharingOver
		}
		sum += shares(x)
	}
	for _, r := range o.Refunds {
		if r.OutTradeNo == p.OutTradeNo && holds(r) {
			sum += r.Amount
		}
	}
	if sum > o.Amount {
		return "", errSharesTooMuch
	}
	asked.ID = fmt.Sprintf("%sS%03d", o.ID, len(o.ProfitSharings)+1)
	asked.OutTradeNo, asked.Status, asked.CreatedAt = p.OutTradeNo, model.ProfitSharingCreated, s.now()
	o.ProfitSharings = append(o.ProfitSharings, asked)
	o.CheckAt = s.nextCheck(*o)
	s.note(o, "profit_sharing_created", asked.ID, fmt.Sprintf("%d fen to %d receivers", shares(asked), len(asked.Receivers)))
	return asked.ID, nil
}

// shares is how much a profit sharing takes up of its payment: all parts but those of which
// it is certain that they did not reach their receivers.
func shares(x model.ProfitSharing) (sum model.Fen) {
	if x.Status == model.ProfitSharingFailed {
		return 0
	}
	for _, r := range x.Receivers {
		if r.Result != model.ProfitClosed {
			sum += r.Amount
		}
	}
	return sum
}

// shareable is when WeChat Pay can be asked for a profit sharing.
func (s *Service) shareable(o model.Order, x model.ProfitSharing) time.Time {
	p := paymentByNumber(&o, x.OutTradeNo)
	return p.PaidAt.Add(profitDelay)
}

// sharingOf is what WeChat Pay is asked for.
func (s *Service) sharingOf(o model.Order, x model.ProfitSharing) wx.ProfitSharing {
	p := paymentByNumber(&o, x.OutTradeNo)
	asked := s.prepayOf(o, *p)
	out := wx.ProfitSharing{
		MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, AppID: asked.AppID, SubAppID: asked.SubAppID,
		TransactionID: p.TransactionID, OutOrderNo: x.ID, UnfreezeUnsplit: x.UnfreezeUnsplit, Description: x.Description,
	}
	if m := s.merchants[o.MerchantID]; m.Partner {
		out.AppID = m.AppID
	}
	for _, r := range x.Receivers {
		out.Receivers = append(out.Receivers, wx.ProfitPart{
			Type: r.Type, Account: r.Account, Name: model.Secret(r.Name), Amount: r.Amount, Description: r.Description,
		})
	}
	return out
}

// profitNumberLength is the length of a profit sharing's id: the order's, S and three digits.
const profitNumberLength = 30

// orderIDOfSharing undoes the id of a profit sharing; "" when it is not one of ours.
func orderIDOfSharing(id string) string {
	if len(id) != profitNumberLength || id[26] != 'S' || !model.ValidID(id[:26]) {
		return ""
	}
	return id[:26]
}

func sharingByID(o *model.Order, id string) *model.ProfitSharing {
	for i := range o.ProfitSharings {
		if o.ProfitSharings[i].ID == id {
			return &o.ProfitSharings[i]
		}
	}
	return nil
}

// FindProfitSharing returns one profit sharing and its order; fresh asks WeChat Pay first.
// Errors: profit_sharing_not_found; with fresh those of wx/wxpay.Gateway.QueryProfitSharing.
func (s *Service) FindProfitSharing(ctx context.Context, id string, fresh bool) (model.Order, model.ProfitSharing, error) {
	orderID := orderIDOfSharing(id)
	if orderID == "" {
		return model.Order{}, model.ProfitSharing{}, errNoSharing
	}
	o, err := s.Order(ctx, orderID)
	if model.CodeOf(err) == errNoOrder.Code {
		err = errNoSharing
	}
	if err != nil {
		return o, model.ProfitSharing{}, err
	}
	x := sharingByID(&o, id)
	if x == nil {
		return o, model.ProfitSharing{}, errNoSharing
	}
	if fresh {
		if o, err = s.chaseSharing(ctx, o, *x); err != nil {
			return o, *x, err
		}
		x = sharingByID(&o, id)
	}
	return o, *x, nil
}

// UnsplitAmount asks WeChat Pay how much of what was paid for an order can still be shared, in fen.
//
// Errors: order_not_found, order_not_paid, profit_sharing_not_asked_for, and those of
// wx/wxpay.Gateway.UnsplitAmount.
func (s *Service) UnsplitAmount(ctx context.Context, orderID string) (int64, error) {
	o, err := s.Order(ctx, orderID)
	if err != nil {
		return 0, err
	}
	p, paid := PaidPayment(o)
	switch {
	case !paid:
		return 0, errNotPaid
	case !o.ProfitSharing:
		return 0, errNotToShare
	}
	return s.Profits.UnsplitAmount(ctx, tradeOf(o, p.OutTradeNo), p.TransactionID)
}
