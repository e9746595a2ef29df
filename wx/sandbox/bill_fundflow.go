package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

const (
	fundFlowColumns = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
	fundFlowTrailer = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
)

// fundFlowBill answers GET /v3/bill/fundflowbill. Only the basic account of a direct merchant ever moves here: the money
// of sub merchants is not the service provider's.
func (p *Platform) fundFlowBill(in *v3Call) (any, error) {
	query := in.request.URL.Query()
	account := query.Get("account_type")
	if account == "" {
		account = "BASIC"
	}
	day, refused := p.billDay(query.Get("bill_date"))
	if refused == nil {
		refused = billChoice(query.Get("tar_type"), "tar_type", "", "GZIP")
	}
	if refused == nil {
		refused = billChoice(account, "account_type", "BASIC", "OPERATION", "FEES")
	}
	if refused != nil {
		return nil, refused
	}
	if account != "BASIC" || in.merchant.partner() {
		return nil, noStatement()
	}
	var flow fundFlow
	for _, e := range p.book.entries(in.merchant.ID, "", billDay{time.Time{}, day.from}) {
		flow.book(e, p.behaviour.FeeRate)
	}
	flow.lines = nil
	today := p.book.entries(in.merchant.ID, "", day)
	if len(today) == 0 {
		return nil, noStatement()
	}
	for _, e := range today {
		flow.book(e, p.behaviour.FeeRate)
	}
	return p.offer(in, flow.write)
}

// fundFlow is an account's movements, and its balance after the last one in fen.
type fundFlow struct {
	lines   []fundLine
	balance int64
}

type fundLine struct {
	at                time.Time
	business, serial  string // numbers of the business and of the movement
	kind, note, proof string
	fen, balance      int64 // fen below zero leaves the account
	applicant         string
}

// book enters a payment and its fee, or a refund less the fee that comes back with it.
func (f *fundFlow) book(e billEntry, rate int64) {
	fee := e.fee(rate)
	if e.refundID != "" {
		note := fmt.Sprintf("退款总金额%s元;含手续费%s元", billYuan(e.amount), billYuan(-fee))
		f.add(fundLine{at: e.at, business: e.refundID, serial: e.refundID + "1", kind: "退款", note: note, proof: e.number,
			fen: -e.amount - fee, applicant: e.order.MchID + "API"})
		return
	}
	f.add(fundLine{at: e.at, business: e.tradeID, serial: e.tradeID + "1", kind: "交易", proof: e.order.OutTradeNo, fen: e.amount, applicant: "system"})
	if fee != 0 {
		f.add(fundLine{at: e.at, business: e.tradeID, serial: e.tradeID + "2", kind: "扣除交易手续费", proof: e.order.OutTradeNo, fen: -fee, applicant: "system"})
	}
}

func (f *fundFlow) add(l fundLine) {
	f.balance += l.fen
	l.balance = f.balance
	f.lines = append(f.lines, l)
}

func (f *fundFlow) write(w io.Writer) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("\ufeff" + fundFlowColumns + "\r\n") // bufio keeps the error for Flush
	var times [2]int
	var sums [2]int64
	for _, l := range f.lines {
		side, way, fen := 0, "收入", l.fen
		if fen < 0 {
			side, way, fen = 1, "支出", -fen
		}
		times[side]++
		sums[side] += fen
		writeCells(out, []string{billTime(l.at), l.business, l.serial, l.kind, l.kind, way, billYuan(fen), billYuan(l.balance), l.applicant, l.note, l.proof})
	}
	_, _ = out.WriteString(fundFlowTrailer + "\r\n")
	writeCells(out, []string{fmt.Sprint(len(f.lines)), fmt.Sprint(times[0]), billYuan(sums[0]), fmt.Sprint(times[1]), billYuan(sums[1])})
	return out.Flush()
}
