package sandbox

import (
	"slices"
	"time"
)

// billReady is how long after the end of a day its bill is there: at ten in the morning.
const billReady = 10 * time.Hour

// billDay is a day in China.
type billDay struct{ from, to time.Time }

func (d billDay) holds(t time.Time) bool { return !t.Before(d.from) && t.Before(d.to) }
func (d billDay) date() string           { return d.from.Format(time.DateOnly) }

// billDay reads bill_date: a past day of the last three months whose bill is ready.
func (p *Platform) billDay(text string) (billDay, *Refusal) {
	now := china(p.clock.now())
	from, err := time.ParseInLocation(time.DateOnly, text, now.Location())
	if err != nil {
		return billDay{}, billDateError("bad format")
	}
	day := billDay{from, from.AddDate(0, 0, 1)}
	switch {
	case from.After(now):
		return day, billDateError("in the future")
	case day.to.Before(now.AddDate(0, -3, 0)):
		return day, billDateError("older than three months")
	case now.Before(day.to.Add(billReady)):
		return day, statementCreating()
	}
	return day, nil
}

func billDateError(issue string) *Refusal {
	return paramError(internalParamInvalid, "账单日期不合法，仅支持三个月内的账单", fieldDetail{Field: "bill_date", Issue: issue, Location: "query"})
}

// billEntry is one row to be: a payment, or with refundID a refund. The order's fields that it reads never change after
// the payment, so that no lock is needed to write it.
type billEntry struct {
	at       time.Time
	order    *Order
	refundID string
	number   string // out_refund_no
	amount   int64  // fen, of the payment or the refund
	state    string // trade state, or the state of the refund when the bill was made
	channel  string
	ended    time.Time
	unknown  string // of a row that was made up: its out_trade_no
	tradeID  string
}

func (e billEntry) id() string {
	if e.refundID != "" {
		return e.refundID
	}
	return e.tradeID
}

// entries are what happened to a merchant's money from one time to another, in the order of time. The state of a refund is that
// of the morning on which the bill was made, so that a bill never changes.
func (b *book) entries(mchID, subMchID string, span billDay) []billEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	var out []billEntry
	mine := func(o *Order) bool { return o.MchID == mchID && (subMchID == "" || o.SubMchID == subMchID) }
	for _, o := range b.orders {
		if o.paid() && mine(o) && span.holds(o.PaidAt) {
			out = append(out, billEntry{at: o.PaidAt, order: o, tradeID: o.TransactionID, amount: o.Total, state: StateSuccess})
		}
	}
	for _, r := range b.refunds {
		state, ended := r.asOf(span.to.Add(billReady))
		if mine(r.order) && span.holds(r.Created) && (state != RefundClosed || b.behaviour.BillClosedRefunds) {
			out = append(out, billEntry{at: r.Created, order: r.order, tradeID: r.TransactionID, refundID: r.RefundID, number: r.OutRefundNo,
				amount: r.Amount, state: state, channel: r.Channel, ended: ended})
		}
	}
	slices.SortStableFunc(out, func(x, y billEntry) int { return x.at.Compare(y.at) })
	return out
}

// asOf is the refund's state at a time, as far as the book remembers it.
func (r *Refund) asOf(t time.Time) (string, time.Time) {
	if r.Ended.IsZero() || r.Ended.After(t) {
		return RefundProcessing, time.Time{}
	}
	return r.Status, r.Ended
}
