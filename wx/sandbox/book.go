package sandbox

import (
	"sync"
	"time"
)

// orderKey: numbers are unique per merchant.
type orderKey struct{ mchID, outTradeNo string }

// prepay is one prepay_id. An order may have several; each lives for itself.
type prepay struct {
	order   *Order
	expires time.Time
}

// book is all orders. Every change of an order happens under its lock.
type book struct {
	clock     *clock
	ids       *idMaker
	behaviour *Behaviour

	mu       sync.Mutex
	orders   []*Order
	byNumber map[orderKey]*Order
	byTrade  map[string]*Order // by transaction id
	prepays  map[string]*prepay
	poisoned map[orderKey]bool // closed before they were created
}

func newBook(c *clock, ids *idMaker, b *Behaviour) *book {
	return &book{
		clock: c, ids: ids, behaviour: b, byNumber: map[orderKey]*Order{}, byTrade: map[string]*Order{},
		prepays: map[string]*prepay{}, poisoned: map[orderKey]bool{},
	}
}

// Orders lists all orders in the order of their first prepay.
func (p *Platform) Orders() []Order {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	out := []Order{}
	for _, o := range p.book.orders {
		seen := *o
		seen.State = o.stateAt(p.clock.now())
		out = append(out, seen)
	}
	return out
}

// Order finds one order by its merchant and number.
func (p *Platform) Order(mchID, outTradeNo string) (Order, bool) {
	return p.book.find(mchID, outTradeNo)
}

// place creates the order, or enters it again, and issues a prepay_id.
func (b *book) place(wanted Order) (string, *Refusal) {
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
	id := b.ids.prepayID(now)
	b.prepays[id] = &prepay{order: order, expires: now.Add(prepayLife)}
	return id, nil
}

// reenter decides about a prepay with a known number.
func (b *book) reenter(order *Order, parameters string, now time.Time) *Refusal {
	switch {
	case order.State == StateSuccess:
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
	return b.seen(b.byNumber[orderKey{mchID, outTradeNo}])
}

// findTrade finds a paid order; those of other merchants do not exist.
func (b *book) findTrade(mchID, transactionID string) (Order, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
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
	if order == nil || order.State != StateSuccess {
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

// close closes an unpaid order; again and again is fine.
func (b *book) close(mchID, outTradeNo string) *Refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := orderKey{mchID, outTradeNo}
	order := b.byNumber[key]
	switch {
	case order == nil && b.behaviour.CloseUnknown != nil:
		return refusal(*b.behaviour.CloseUnknown)
	case order == nil:
		b.poisoned[key] = true
	case order.State == StateSuccess:
		return refusal(b.behaviour.ClosePaid)
	default:
		order.State = StateClosed
	}
	return nil
}

// refusal copies, so that nobody can change the behaviour table through an answer.
func refusal(r Refusal) *Refusal { return &r }
