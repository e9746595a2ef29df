package reconcile

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"wxhub/model"
)

// CSVHeader are the columns of a list of differences.
var CSVHeader = []string{
	"id", "date", "merchant_id", "sub_merchant_id", "kind", "entry", "number", "out_trade_no", "order_id", "wechat_number",
	"bill_yuan", "our_yuan", "bill_status", "our_status", "rows", "status", "note", "found_at",
}

// CSV writes differences as RFC 4180 has it, safe to open in a spreadsheet.
type CSV struct{ out *csv.Writer }

// NewCSV writes the header.
func NewCSV(w io.Writer) (*CSV, error) {
	c := &CSV{csv.NewWriter(w)}
	c.out.UseCRLF = true
	return c, c.out.Write(CSVHeader)
}

// Write adds a line.
func (c *CSV) Write(d model.Difference) error {
	line := []string{
		d.ID, d.Date, d.MerchantID, d.SubMerchantID, string(d.Kind), string(d.Entry), d.Number, d.OutTradeNo, d.OrderID, d.Upstream,
		d.BillAmount.String(), d.OurAmount.String(), d.BillStatus, d.OurStatus, strconv.Itoa(d.Rows), string(d.Status), d.Note,
		d.FoundAt.Format(time.RFC3339),
	}
	for i := range line {
		line[i] = inert(line[i])
	}
	return c.out.Write(line)
}

// Flush writes what is buffered.
func (c *CSV) Flush() error {
	c.out.Flush()
	return c.out.Error()
}

// inert keeps a spreadsheet from taking a cell for a formula. Numbers in a bill are chosen by whoever
// uses the merchant number.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
