package reconcile

import (
	"wxhub/model"
	"wxhub/wx"
)

// total is what one sub merchant, or the merchant itself, has on both sides.
type total struct {
	rows                    int64
	billPayments, ourPaid   model.Sum
	billRefunds, ourRefunds model.Sum
	fees                    wx.Fee
	kinds                   map[model.DifferenceKind]int64
	open, unlisted          int64
}

// totals are those of every sub merchant; of a direct merchant under "".
type totals map[string]*total

func (t totals) of(sub string) *total {
	if t[sub] == nil {
		t[sub] = &total{kinds: map[model.DifferenceKind]int64{}}
	}
	return t[sub]
}

func add(s *model.Sum, amount model.Fen) {
	s.Count++
	s.Amount += amount
}

func (t totals) bill(sub string, row wx.TradeRow) {
	x := t.of(sub)
	x.rows++
	x.fees += row.Fee
	switch row.State {
	case wx.RowPaid:
		add(&x.billPayments, row.Amount)
	case wx.RowRefund:
		add(&x.billRefunds, row.RefundAmount)
	}
}

func (t totals) ourPayment(o model.Order) { add(&t.of(o.SubMerchantID).ourPaid, o.Amount) }

func (t totals) ourRefund(o model.Order, r model.Refund) {
	add(&t.of(o.SubMerchantID).ourRefunds, r.Amount)
}

func (t totals) difference(d model.Difference) {
	x := t.of(d.SubMerchantID)
	x.kinds[d.Kind]++
	if d.Status == model.DifferenceOpen {
		x.open++
	}
}

// unlisted counts a difference that is not stored.
func (t totals) unlisted(d model.Difference) {
	d.Status = model.DifferenceOpen
	t.difference(d)
	t.of(d.SubMerchantID).unlisted++
}

// all adds the sub merchants up.
func (t totals) all() *total {
	sum := &total{kinds: map[model.DifferenceKind]int64{}}
	for _, x := range t {
		sum.rows, sum.fees, sum.open, sum.unlisted = sum.rows+x.rows, sum.fees+x.fees, sum.open+x.open, sum.unlisted+x.unlisted
		for into, s := range map[*model.Sum]model.Sum{
			&sum.billPayments: x.billPayments, &sum.ourPaid: x.ourPaid, &sum.billRefunds: x.billRefunds, &sum.ourRefunds: x.ourRefunds,
		} {
			into.Count += s.Count
			into.Amount += s.Amount
		}
		for kind, n := range x.kinds {
			sum.kinds[kind] += n
		}
	}
	return sum
}

// into writes a total into a statement.
func (x *total) into(s *model.Statement) {
	s.Rows, s.BillFees, s.Open, s.Unlisted = x.rows, x.fees.Fen(), x.open, x.unlisted
	s.BillPayments, s.OurPayments, s.BillRefunds, s.OurRefunds = x.billPayments, x.ourPaid, x.billRefunds, x.ourRefunds
	s.Differences = x.kinds
	if len(x.kinds) == 0 {
		s.Differences = nil
	}
}
