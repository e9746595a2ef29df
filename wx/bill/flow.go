package bill

import (
	"io"

	"wxhub/wx"
)

const flowCount = "资金流水总笔数"

type flowColumns struct{ at, business, flow, name, kind, direction, amount, balance, voucher int }

func (s *sheet) flowColumns() (c flowColumns, err error) {
	for _, x := range []struct {
		into *int
		name string
	}{
		{&c.at, "记账时间"}, {&c.business, "微信支付业务单号"}, {&c.flow, "资金流水单号"},
		{&c.direction, "收支类型"}, {&c.amount, "收支金额(元)"},
	} {
		if *x.into, err = s.need(x.name); err != nil {
			return c, err
		}
	}
	c.name, c.kind, c.balance, c.voucher = s.column("业务名称"), s.column("业务类型"), s.column("账户结余(元)"), s.column("业务凭证号")
	return c, nil
}

// Flows calls each with every row of a fund-flow bill, then checks the totals. Only after it
// has returned nil are the rows to be believed.
//
// Errors: wx.ErrBillUnreadable with line and column; those of r and of each.
func Flows(r io.Reader, each func(wx.FlowRow) error) error {
	s := newSheet(r)
	if err := s.header(); err != nil {
		return err
	}
	c, err := s.flowColumns()
	if err != nil {
		return err
	}
	sums := &sums{of: []sum{{total: total{name: "收入金额"}, column: -1}, {total: total{name: "支出金额"}, column: -1}}}
	counts := map[string]int64{"收入笔数": 0, "支出笔数": 0}
	for {
		more, err := s.row(flowCount)
		if err != nil {
			return err
		}
		if !more {
			return sums.check(s, flowCount, counts)
		}
		row, err := s.flowRow(c)
		if err != nil {
			return err
		}
		into, count := &sums.of[1], "支出笔数"
		if row.In {
			into, count = &sums.of[0], "收入笔数"
		}
		sums.rows++
		counts[count]++
		if into.value, err = plus(into.value, wx.Fee(row.Amount)*1000); err != nil {
			return s.faultAt(c.amount, err.Error())
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

func (s *sheet) flowRow(c flowColumns) (row wx.FlowRow, err error) {
	row = wx.FlowRow{
		Line: s.line, End: s.end, BusinessNo: s.number(c.business), FlowNo: s.number(c.flow), Name: s.cell(c.name), Type: s.cell(c.kind),
		Voucher: s.number(c.voucher),
	}
	if row.At, err = clock(s.cell(c.at)); err != nil {
		return row, s.faultAt(c.at, err.Error())
	}
	switch s.cell(c.direction) {
	case "收入":
		row.In = true
	case "支出":
	default:
		return row, s.faultAt(c.direction, "neither 收入 nor 支出")
	}
	if row.Amount, err = s.fen(c.amount); err != nil {
		return row, err
	}
	row.Balance, err = s.fen(c.balance)
	return row, err
}
