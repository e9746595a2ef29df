package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Columns of the trade bill; each kind of bill leaves some out.
var (
	billColumns = strings.Split("交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"+
		"退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注", ",")
	onlyInRefundBill = []string{"退款申请时间", "退款成功时间"}
	neverInSuccess   = []string{"退款申请时间", "退款成功时间", "微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "申请退款金额"}
)

const billTrailer = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

// tradeBill answers GET /v3/bill/tradebill.
func (p *Platform) tradeBill(in *v3Call) (any, error) {
	query := in.request.URL.Query()
	kind, sub := query.Get("bill_type"), query.Get("sub_mchid")
	if kind == "" {
		kind = "ALL"
	}
	day, refused := p.billDay(query.Get("bill_date"))
	if refused == nil {
		refused = billChoice(query.Get("tar_type"), "tar_type", "", "GZIP")
	}
	if refused == nil {
		refused = billChoice(kind, "bill_type", "ALL", "SUCCESS", "REFUND")
	}
	if refused == nil && sub != "" {
		in.subMchID = sub
		refused = checkRelation(in.merchant, sub)
	}
	if refused != nil {
		return nil, refused
	}
	rows := p.bills.stain(billKey{in.merchant.ID, day.date()}, sub, p.book.entries(in.merchant.ID, sub, day))
	rows = slices.DeleteFunc(rows, func(e billEntry) bool {
		return kind == "SUCCESS" && e.refundID != "" || kind == "REFUND" && e.refundID == ""
	})
	if len(rows) == 0 {
		return nil, noStatement()
	}
	return p.offer(in, func(w io.Writer) error { return writeTradeBill(w, kind, rows, p.behaviour.FeeRate) })
}

func billChoice(given, name string, allowed ...string) *Refusal {
	if slices.Contains(allowed, given) {
		return nil
	}
	return paramError(internalParamInvalid, name+"取值不合法", fieldDetail{Field: name, Issue: "not one of the values", Location: "query"})
}

// writeTradeBill writes byte order mark, header, rows and totals, with the line ends of the platform.
func writeTradeBill(w io.Writer, kind string, rows []billEntry, rate int64) error {
	columns := slices.DeleteFunc(slices.Clone(billColumns), func(c string) bool {
		return kind != "REFUND" && slices.Contains(onlyInRefundBill, c) || kind == "SUCCESS" && slices.Contains(neverInSuccess, c)
	})
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("\ufeff" + strings.Join(columns, ",") + "\r\n") // bufio keeps the error for Flush
	var settled, refunded, fees int64
	for _, e := range rows {
		values := e.values(rate)
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = values[c]
		}
		writeCells(out, cells)
		fees += e.fee(rate)
		if e.refundID == "" {
			settled += e.amount
		} else {
			refunded += e.amount
		}
	}
	_, _ = out.WriteString(billTrailer + "\r\n")
	writeCells(out, []string{fmt.Sprint(len(rows)), billYuan(settled), billYuan(refunded), "0.00", longYuan(fees), billYuan(settled), billYuan(refunded)})
	return out.Flush()
}

// writeCells puts the backtick before each cell. A comma in a text stays as it is.
func writeCells(out *bufio.Writer, cells []string) {
	_, _ = out.WriteString("`" + strings.Join(cells, ",`") + "\r\n")
}

// values are the cells of a row by column.
func (e billEntry) values(rate int64) map[string]string {
	o, sub := e.order, e.order.SubMchID
	if sub == "" {
		sub = "0"
	}
	v := map[string]string{
		"交易时间": billTime(e.at), "公众账号ID": o.AppID, "商户号": o.MchID, "特约商户号": sub, "设备号": oneLine(o.DeviceID),
		"微信订单号": e.tradeID, "商户订单号": o.OutTradeNo, "用户标识": o.OpenID, "交易类型": o.TradeType, "交易状态": e.state,
		"付款银行": o.BankType, "货币种类": "CNY", "应结订单金额": billYuan(e.amount), "代金券金额": "0.00",
		"微信退款单号": "0", "商户退款单号": "0", "退款金额": "0.00", "充值券退款金额": "0.00",
		"商品名称": oneLine(o.Description), "商户数据包": oneLine(o.Attach), "手续费": longYuan(e.fee(rate)),
		"费率": fmt.Sprintf("%d.%02d%%", rate/100, rate%100), "订单金额": billYuan(e.amount), "申请退款金额": "0.00",
	}
	if e.unknown != "" {
		v["商户订单号"] = e.unknown
	}
	if e.refundID != "" {
		v["交易状态"], v["应结订单金额"], v["订单金额"] = StateRefund, "0.00", "0.00"
		v["退款申请时间"], v["退款成功时间"] = billTime(e.at), billTime(e.ended)
		v["微信退款单号"], v["商户退款单号"], v["退款金额"], v["申请退款金额"] = e.refundID, e.number, billYuan(e.amount), billYuan(e.amount)
		v["退款类型"], v["退款状态"] = e.channel, billRefundState(e.state)
	}
	return v
}

// fee is what the platform keeps, of a refund what it gives back, in fen, rounded half up.
func (e billEntry) fee(rate int64) int64 {
	fee := (e.amount*rate + 5000) / 10000
	if e.refundID != "" {
		return -fee
	}
	return fee
}

func billRefundState(status string) string {
	if status == RefundAbnormal || status == RefundClosed {
		return "FAIL"
	}
	return status
}

func billTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return china(t).Format(time.DateTime)
}

func oneLine(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }

// billYuan writes fen that may be below zero.
func billYuan(fen int64) string {
	if fen < 0 {
		return "-" + yuan(-fen)
	}
	return yuan(fen)
}

// longYuan has the five places that fees have in bills.
func longYuan(fen int64) string { return billYuan(fen) + "000" }
