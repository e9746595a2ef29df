package sandbox

import (
	"net/http"
	"time"
)

// Ledger is all money that moved, for comparison with somebody else's books.
type Ledger struct {
	Payments  []LedgerPayment `json:"payments"`
	Refunds   []Refund        `json:"refunds"`
	Sharings  []Sharing       `json:"profit_sharings"`
	Returns   []ProfitReturn  `json:"profit_returns"`
	Transfers []Transfer      `json:"transfers"`
}

// LedgerPayment is one paid order.
type LedgerPayment struct {
	MchID         string    `json:"mchid"`
	SubMchID      string    `json:"sub_mchid,omitempty"`
	AppID         string    `json:"appid"`
	SubAppID      string    `json:"sub_appid,omitempty"`
	OutTradeNo    string    `json:"out_trade_no"`
	CombineNo     string    `json:"combine_out_trade_no,omitempty"`
	TransactionID string    `json:"transaction_id"`
	TradeType     string    `json:"trade_type"`
	State         string    `json:"trade_state"`
	Total         int64     `json:"total"`    // fen
	Refunded      int64     `json:"refunded"` // fen, of refunds that are not closed
	PaidAt        time.Time `json:"paid_at"`
}

// Ledger lists every payment in the order of the orders' first prepay, and everything else in the order of acceptance; all
// but the transfers as of one moment.
func (p *Platform) Ledger() Ledger {
	transfers := p.Transfers()
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.settle()
	out := Ledger{Transfers: transfers, Payments: []LedgerPayment{}, Refunds: []Refund{}, Sharings: p.book.sharings(), Returns: p.book.profitReturns()}
	for _, o := range p.book.orders {
		if !o.paid() {
			continue
		}
		refunded, _, _ := o.takenBack()
		out.Payments = append(out.Payments, LedgerPayment{
			MchID: o.MchID, SubMchID: o.SubMchID, AppID: o.AppID, SubAppID: o.SubAppID, OutTradeNo: o.OutTradeNo, CombineNo: o.CombineOutTradeNo,
			TransactionID: o.TransactionID, TradeType: o.TradeType, State: o.State, Total: o.Total, Refunded: refunded, PaidAt: o.PaidAt,
		})
	}
	for _, r := range p.book.refunds {
		out.Refunds = append(out.Refunds, *r)
	}
	return out
}

func (p *Platform) controlLedger(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, p.Ledger())
}
