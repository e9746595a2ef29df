package sandbox

import (
	"sync"
	"time"
)

// orderKey: numbers are unique per merchant, of a service provider across all its sub merchants.
type orderKey struct{ mchID, outTradeNo string }

// book is all orders and refunds. Every change of one happens under its lock.
type book struct {
	clock     *clock
	ids       *idMaker
	behaviour *Behaviour

	mu       sync.Mutex
	orders   []*Order
	byNumber map[orderKey]*Order
	byTrade  map[string]*Order  // by transaction id
	prepays  map[string]*prepay // by prepayKey
	poisoned map[orderKey]bool  // closed before they were created
	payCodes map[string]*payCode

	combined         map[orderKey]*Order // heads, by combine_mchid and combine_out_trade_no
	poisonedCombined map[orderKey]bool

	profits *profits

	refunds  []*Refund
	open     []*Refund // those that are processing
	byRefund map[refundKey]*Refund
	planned  map[string]string // outcomes ordered before their refund came, by out_refund_no; "" is the next one
}

func newBook(c *clock, ids *idMaker, b *Behaviour) *book {
	out := &book{clock: c, ids: ids, behaviour: b}
	out.reset()
	return out
}

func (b *book) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders, b.byNumber, b.byTrade = nil, map[orderKey]*Order{}, map[string]*Order{}
	b.prepays, b.poisoned = map[string]*prepay{}, map[orderKey]bool{}
	b.payCodes = map[string]*payCode{}
	b.combined, b.poisonedCombined = map[orderKey]*Order{}, map[orderKey]bool{}
	b.profits = newProfits()
	b.refunds, b.open, b.byRefund, b.planned = nil, nil, map[refundKey]*Refund{}, map[string]string{}
}

// Orders lists all orders in the order of their first prepay.
func (p *Platform) Orders() []Order {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.settle()
	out := []Order{}
	for _, o := range p.book.orders {
		seen, _ := p.book.seen(o)
		out = append(out, seen)
	}
	return out
}

// Order finds one order by its merchant, of a sub merchant the service provider, and number.
func (p *Platform) Order(mchID, outTradeNo string) (Order, bool) {
	return p.book.find(mchID, outTradeNo)
}

// place creates the order, or enters it again, and issues what the phone needs.
func (b *book) place(wanted Order, base string) (string, *Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, key := b.clock.now(), orderKey{wanted.MchID, wanted.OutTradeNo}
	if b.poisoned[key] {
		return "", refusal(b.behaviour.ChangedReentry)
	}
	order := b.byNumber[key]
	if order == nil {
		wanted.State, wanted.Created = StateNotPay, now
		order = &wanted
		b.byNumber[key] = order
		b.orders = append(b.orders, order)
	} else if refused := b.reenter(order, wanted.parameters, now); refused != nil {
		return "", refused
	}
	return b.issue(order, base, now), nil
}

// reenter decides about a prepay with a known number.
func (b *book) reenter(order *Order, parameters string, now time.Time) *Refusal {
	switch {
	case order.paid():
		return refusal(b.behaviour.PaidReentry)
	case order.stateAt(now) == StateClosed:
		return refusal(b.behaviour.ClosedReentry)
	case order.expiredAt(now):
		return refusal(b.behaviour.ExpiredReentry)
	case order.parameters != parameters:
		return refusal(b.behaviour.ChangedReentry)
	}
	return nil
}

// find returns a copy with the state of now.
func (b *book) find(mchID, outTradeNo string) (Order, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	return b.seen(b.byNumber[orderKey{mchID, outTradeNo}])
}

// findTrade finds a paid order; those of other merchants do not exist.
func (b *book) findTrade(mchID, transactionID string) (Order, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	order, found := b.seen(b.byTrade[transactionID])
	return order, found && order.MchID == mchID
}

// findPaid finds a paid order of any merchant by the platform's number, or by the merchant's and its own.
func (b *book) findPaid(transactionID, mchID, outTradeNo string) (Order, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	order := b.byTrade[transactionID]
	if transactionID == "" {
		order = b.byNumber[orderKey{mchID, outTradeNo}]
	}
	if order == nil || !order.paid() {
		return Order{}, false
	}
	return *order, true
}

func (b *book) seen(order *Order) (Order, bool) {
	if order == nil {
		return Order{}, false
	}
	seen := *order
	seen.State = order.stateAt(b.clock.now())
	return seen, true
}

// close closes an unpaid order; again and again is fine. subMchID is empty for a direct merchant.
func (b *book) close(mchID, subMchID, outTradeNo string) *Refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := orderKey{mchID, outTradeNo}
	order := b.byNumber[key]
	switch {
	case order == nil && b.behaviour.CloseUnknown != nil:
		return refusal(*b.behaviour.CloseUnknown)
	case order == nil:
		b.poisoned[key] = true
	case order.combinedSub():
		return orderNotExist()
	case order.SubMchID != subMchID:
		return subMchNotMatch()
	case order.TradeType == TradeMicropay:
		return refusal(b.behaviour.CloseCodePay)
	case order.paid():
		return refusal(b.behaviour.ClosePaid)
	default:
		order.State = StateClosed
	}
	return nil
}

// refusal copies, so that nobody can change the behaviour table through an answer.
func refusal(r Refusal) *Refusal { return &r }
