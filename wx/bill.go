package wx

import (
	"time"

	"wxhub/model"
)

// BillRequest says which bill is wanted.
type BillRequest struct {
	MerchantID    string
	SubMerchantID string // of a service provider: the bill of one sub merchant; "" for all of them
	Date          string // the day in China, 2006-01-02
	// Account is for fund-flow bills: BASIC, OPERATION or FEES; "" is BASIC.
	Account string
}

// Bill is a bill whose content was checked against the hash that WeChat Pay signed, or
// a file that an operator gives. It can be read several times. Close it in the end.
type Bill interface {
	// Trades calls each with every row of a trade bill, in order, and then checks the
	// bill's own totals. Errors: ErrBillUnreadable, and what each returns.
	Trades(each func(TradeRow) error) error
	// Flows does the same for a fund-flow bill.
	Flows(each func(FlowRow) error) error
	Size() int64 // in bytes; 0 when nothing happened on the day
	Close() error
}

// The states of a row of a trade bill (交易状态).
const (
	RowPaid     = "SUCCESS"
	RowRefund   = "REFUND"  // a refund that was accepted on the day
	RowReversed = "REVOKED" // a code payment that was reversed
)

// The states of a refund in a bill (退款状态). They are those of the moment at which the
// bill was made, and their spelling is not that of the refund calls.
const (
	RowRefundSuccess    = "SUCCESS"
	RowRefundProcessing = "PROCESSING"
	RowRefundFailed     = "FAIL"
	RowRefundAbnormal   = "CHANGE"
)

// Fee is an amount in 1/100000 yuan, the precision of the fees in a bill.
type Fee int64

// Fen rounds half away from zero.
func (f Fee) Fen() model.Fen {
	if f < 0 {
		return -(-f).Fen()
	}
	return model.Fen((f + 500) / 1000)
}

// TradeRow is one row of a trade bill (PROTOCOL §2.7). Numbers that the bill writes as
// "0", as it does for none, are "".
type TradeRow struct {
	Line          int   // in the file, from 1
	End           int64 // offset in the file behind the row, for a progress bar
	At            time.Time
	MerchantID    string
	SubMerchantID string
	TransactionID string
	OutTradeNo    string
	State         string    // RowPaid, RowRefund, RowReversed
	Amount        model.Fen // of the order, coupons included; 0 for refunds
	Settled       model.Fen // of it, what the merchant gets before the fee (应结订单金额); all when the bill does not say
	Currency      string
	RefundID      string
	OutRefundNo   string
	RefundAmount  model.Fen // as it was asked for, coupons included
	RefundSettled model.Fen // of it, what comes off the merchant's account (退款金额)
	RefundState   string
	Fee           Fee
}

// FlowRow is one row of a fund-flow bill.
type FlowRow struct {
	Line       int
	End        int64
	At         time.Time
	BusinessNo string // 微信支付业务单号
	FlowNo     string // 资金流水单号
	Name, Type string // 业务名称, 业务类型
	In         bool   // money came in; else it went out
	Amount     model.Fen
	Balance    model.Fen // of the account, afterwards
	Voucher    string    // 业务凭证号: our number
}

// Errors of bills.
var (
	// ErrBillNotReady: WeChat Pay is still making the bill (STATEMENT_CREATING).
	ErrBillNotReady = model.NewError(model.KindUpstream, "bill_not_ready", "WeChat Pay has not made this bill yet; come back after 10:00 in China, and then every half hour")
	// ErrBillDamaged: what was downloaded is not what the signed answer announced.
	ErrBillDamaged = model.NewError(model.KindUpstream, "bill_damaged", "the downloaded bill does not match the hash that WeChat Pay signed")
	// ErrBillUnreadable: the bill is not one that this version can read, or its totals do not add up.
	ErrBillUnreadable = model.NewError(model.KindUpstream, "bill_unreadable", "the bill cannot be read")
)
