package sandbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Kinds of dirt in a bill.
const (
	DirtMissing = "missing" // the row is not there
	DirtExtra   = "extra"   // a payment that never was
	DirtAmount  = "amount"  // another amount
	DirtStatus  = "status"  // another state: a payment REVOKED, a refund PROCESSING or FAIL
	DirtTwice   = "twice"   // the row is there a second time
)

// Errors of SpoilBill beside ErrNoMerchant.
var (
	ErrDirtDate  = errors.New("date is yyyy-MM-dd, a day whose bill is ready: of the last three months, from ten o'clock of the next day")
	ErrDirtCount = errors.New("missing, amount, status and twice are not negative and together no more than the day's rows; extra is 0 to 100000 and needs one payment as its pattern")
)

// BillDirt tells how many rows of a merchant's trade bill to spoil, each in one way. Which rows, the seed decides.
type BillDirt struct {
	Date    string `json:"date"`
	MchID   string `json:"mchid"`
	Seed    uint64 `json:"seed"`
	Missing int    `json:"missing"`
	Extra   int    `json:"extra"`
	Amount  int    `json:"amount"`
	Status  int    `json:"status"`
	Twice   int    `json:"twice"`
}

// Spoiled is one row that differs from the platform's book.
type Spoiled struct {
	Kind          string `json:"kind"`
	OutTradeNo    string `json:"out_trade_no"`
	TransactionID string `json:"transaction_id"`
	OutRefundNo   string `json:"out_refund_no,omitempty"` // set: the row of a refund
	RefundID      string `json:"refund_id,omitempty"`
	True          string `json:"true,omitempty"`  // amount in fen, or state
	False         string `json:"false,omitempty"` // what the bill says instead
}

// billStains are a day's dirt: by id of the row, and rows that were made up.
type billStains struct {
	rows  map[string]stain
	extra []billEntry
}

type stain struct {
	kind   string
	amount int64
	state  string
}

// SpoilBill makes one day's trade bill of a merchant differ from the book and lists how; it replaces the day's earlier dirt, and
// with no counts removes it. It returns ErrNoMerchant, ErrDirtDate or ErrDirtCount.
func (p *Platform) SpoilBill(d BillDirt) ([]Spoiled, error) {
	if p.world.merchant(d.MchID) == nil {
		return nil, ErrNoMerchant
	}
	day, refused := p.billDay(d.Date)
	if refused != nil {
		return nil, ErrDirtDate
	}
	rows := p.book.entries(d.MchID, "", day)
	first := slices.IndexFunc(rows, func(e billEntry) bool { return e.refundID == "" })
	if min(d.Missing, d.Extra, d.Amount, d.Status, d.Twice) < 0 || max(d.Missing, d.Extra, d.Amount, d.Status, d.Twice) > 100000 ||
		d.Missing+d.Amount+d.Status+d.Twice > len(rows) || d.Extra > 0 && first < 0 {
		return nil, fmt.Errorf("%w (%d rows)", ErrDirtCount, len(rows))
	}
	rng := rand.New(rand.NewPCG(d.Seed, 2))
	stains, spoiled := d.pick(rng, rows)
	for i := range d.Extra {
		e := rows[first]
		e.at = day.from.Add(time.Duration(rng.Int64N(86400)) * time.Second)
		e.tradeID, e.unknown = fmt.Sprintf("4299%s%016d", day.from.Format("20060102"), rng.Uint64N(1e16)), fmt.Sprintf("extra-%08x-%d", rng.Uint32(), i)
		stains.extra = append(stains.extra, e)
		spoiled = append(spoiled, Spoiled{Kind: DirtExtra, OutTradeNo: e.unknown, TransactionID: e.tradeID, False: fmt.Sprint(e.amount)})
	}
	p.bills.mu.Lock()
	defer p.bills.mu.Unlock()
	p.bills.dirt[billKey{d.MchID, d.Date}] = stains
	return spoiled, nil
}

// pick chooses the rows, each once.
func (d BillDirt) pick(rng *rand.Rand, rows []billEntry) (*billStains, []Spoiled) {
	out, spoiled := &billStains{rows: map[string]stain{}}, []Spoiled{}
	order := rng.Perm(len(rows))
	for _, group := range []struct {
		kind  string
		times int
	}{{DirtMissing, d.Missing}, {DirtAmount, d.Amount}, {DirtStatus, d.Status}, {DirtTwice, d.Twice}} {
		for _, i := range order[:group.times] {
			e := rows[i]
			s := Spoiled{Kind: group.kind, OutTradeNo: e.order.OutTradeNo, TransactionID: e.tradeID, OutRefundNo: e.number, RefundID: e.refundID}
			wrong := stain{group.kind, e.amount + 1 + rng.Int64N(99), otherState(e)}
			switch group.kind {
			case DirtAmount:
				s.True, s.False = fmt.Sprint(e.amount), fmt.Sprint(wrong.amount)
			case DirtStatus:
				s.True, s.False = e.state, wrong.state
			}
			out.rows[e.id()] = wrong
			spoiled = append(spoiled, s)
		}
		order = order[group.times:]
	}
	return out, spoiled
}

func otherState(e billEntry) string {
	switch {
	case e.refundID == "":
		return "REVOKED"
	case e.state == RefundProcessing:
		return "FAIL"
	}
	return RefundProcessing
}

// stain spoils a day's rows as ordered. The totals below them are those of the spoiled rows.
func (b *bills) stain(key billKey, subMchID string, rows []billEntry) []billEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	dirt := b.dirt[key]
	if dirt == nil {
		return rows
	}
	out := make([]billEntry, 0, len(rows)+len(dirt.extra))
	for _, e := range rows {
		s := dirt.rows[e.id()]
		switch s.kind {
		case DirtMissing:
			continue
		case DirtAmount:
			e.amount = s.amount
		case DirtStatus:
			e.state = s.state
		case DirtTwice:
			out = append(out, e)
		}
		out = append(out, e)
	}
	for _, e := range dirt.extra {
		if subMchID == "" || e.order.SubMchID == subMchID {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(x, y billEntry) int { return x.at.Compare(y.at) })
	return out
}
