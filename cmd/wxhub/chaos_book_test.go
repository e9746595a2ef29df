package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"wxhub/wx/sandbox"
)

// chaosOrder is an order as the API shows it.
type chaosOrder struct {
	ID, Status     string
	Amount         int64
	AmountRefunded int64     `json:"amount_refunded"`
	ExpiresAt      time.Time `json:"expires_at"`
	Payments       []struct {
		OutTradeNo    string `json:"out_trade_no"`
		Method        string
		Status        string
		TransactionID string `json:"transaction_id"`
	}
	Refunds []struct {
		ID, Status string
		Amount     int64
		Automatic  bool
		OutTradeNo string `json:"out_trade_no"`
	}
}

// settle lets the platform's clock run until nothing is open any more, here and at WeChat
// Pay. Until then no notification comes in, so what is missing must be asked for. Then all that
// WeChat Pay still has to say comes, hours late, and must change nothing.
func (c *chaos) settle() {
	c.deaf.Store(true)
	wrong := c.compare()
	for deadline := time.Now().Add(5 * patience); len(wrong) > 0 && time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		c.pass(20 * time.Second)
		wrong = c.compare()
	}
	for _, w := range wrong {
		c.t.Errorf("without notifications: %s\n%s", w.what, c.timeline(w.order))
		return
	}
	c.deaf.Store(false)
	for range 60 {
		c.pass(10 * time.Minute)
	}
	time.Sleep(2 * time.Second) // what came now is worked on; when it is not, the books tell
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		if wrong = c.compare(); len(wrong) == 0 {
			return
		}
	}
	for i, w := range wrong {
		if i == 5 {
			c.t.Errorf("and %d more", len(wrong)-i)
			break
		}
		c.t.Errorf("%s\n%s", w.what, c.timeline(w.order))
	}
}

func (c *chaos) pass(d time.Duration) {
	if _, err := c.platform.AdvanceClock(d); err != nil {
		c.t.Fatal(err)
	}
}

// timeline is the order's own account of what happened, for whoever must find out.
func (c *chaos) timeline(order string) string {
	if order == "" {
		return ""
	}
	var timeline struct{ Steps []map[string]any }
	c.ask(http.MethodGet, "/v1/orders/"+order+"/timeline", apiKey, "", nil, &timeline)
	var text strings.Builder
	for _, s := range timeline.Steps {
		fmt.Fprintln(&text, "   ", s)
	}
	return text.String()
}

// difference is something that is not as it must be in the end.
type difference struct{ order, what string }

// book is every order as the API lists them.
func (c *chaos) book() (all []chaosOrder) {
	for cursor := ""; ; {
		var page struct {
			Data       []chaosOrder
			NextCursor string `json:"next_cursor"`
		}
		c.ask(http.MethodGet, "/v1/orders?limit=100&cursor="+cursor, apiKey, "", nil, &page)
		all = append(all, page.Data...)
		if cursor = page.NextCursor; cursor == "" {
			return all
		}
	}
}

// compare tells how our book, WeChat Pay's and what the shop heard differ.
func (c *chaos) compare() (wrong []difference) {
	book, ledger := c.book(), c.platform.Ledger() // in this order: what is paid in between is seen in the next round
	payments, refunds := map[string]sandbox.LedgerPayment{}, map[string]sandbox.Refund{}
	for _, p := range ledger.Payments {
		payments[p.TransactionID] = p
	}
	for _, r := range ledger.Refunds {
		refunds[r.OutRefundNo] = r
	}
	for _, o := range book {
		complain := func(format string, args ...any) {
			wrong = append(wrong, difference{o.ID, fmt.Sprintf("order %s, %s: ", o.ID, o.Status) + fmt.Sprintf(format, args...)})
		}
		c.money(o, payments, refunds, complain)
		c.status(o, complain)
		c.events(o, complain)
	}
	for _, p := range payments {
		wrong = append(wrong, difference{p.OutTradeNo[:26], fmt.Sprintf("%s got %d fen, %s, %s, and we know nothing of it", p.OutTradeNo, p.Total, p.TradeType, p.State)})
	}
	for _, r := range refunds {
		wrong = append(wrong, difference{r.OutTradeNo[:26], fmt.Sprintf("%s gave %d fen back, %s, and we know nothing of it", r.OutRefundNo, r.Amount, r.Status)})
	}
	return wrong
}

// money compares every payment and refund of an order with WeChat Pay's ledger, and takes
// from that what it has found.
func (c *chaos) money(o chaosOrder, payments map[string]sandbox.LedgerPayment, refunds map[string]sandbox.Refund, complain func(string, ...any)) {
	for _, p := range o.Payments {
		there, paid := payments[p.TransactionID]
		delete(payments, p.TransactionID)
		switch p.Status {
		case "paid", "duplicate", "late":
			if !paid || there.Total != o.Amount || there.OutTradeNo != p.OutTradeNo {
				complain("payment %s of %d fen is %s; WeChat Pay has %+v", p.OutTradeNo, o.Amount, p.Status, there)
			}
		case "closed", "failed":
			if p.TransactionID != "" {
				complain("payment %s is %s and has a transaction", p.OutTradeNo, p.Status)
			}
		case "created", "pending":
			if open := o.Status == "created" || o.Status == "pending"; !open {
				complain("payment %s is %s", p.OutTradeNo, p.Status)
			}
		default:
			complain("payment %s is %s", p.OutTradeNo, p.Status)
		}
	}
	ends := map[string]string{"succeeded": sandbox.RefundSuccess, "closed": sandbox.RefundClosed, "abnormal": sandbox.RefundAbnormal}
	for _, r := range o.Refunds {
		there, known := refunds[r.ID]
		delete(refunds, r.ID)
		switch {
		case r.Status == "failed" && !known:
		case ends[r.Status] == "" || there.Status != ends[r.Status] || there.Amount != r.Amount:
			complain("refund %s of %d fen is %s; WeChat Pay has %s of %d fen", r.ID, r.Amount, r.Status, there.Status, there.Amount)
		}
	}
}

// status holds an order's own words against its payments and refunds.
func (c *chaos) status(o chaosOrder, complain func(string, ...any)) {
	paid, spare, back, spared := 0, int64(0), int64(0), int64(0)
	number := ""
	for _, p := range o.Payments {
		switch p.Status {
		case "paid":
			paid, number = paid+1, p.OutTradeNo
		case "duplicate", "late":
			spare += o.Amount
		}
	}
	for _, r := range o.Refunds {
		switch {
		case r.OutTradeNo != number && r.Status != "failed":
			spared += r.Amount
		case r.Status == "succeeded":
			back += r.Amount
		}
	}
	want := map[bool]string{true: "refunded", false: "partially_refunded"}[back == o.Amount]
	switch {
	case paid == 0 && o.Status == "closed":
		want = "closed"
	case paid == 0 && time.Now().Before(o.ExpiresAt.Add(3*time.Minute)): // nobody has paid, and may still; a close that failed is tried again a little later
		want = o.Status
	case paid == 0:
		want = "closed"
	case back == 0:
		want = "paid"
	}
	if o.Status != want || paid > 1 || back != o.AmountRefunded {
		complain("it was paid %d times and %d fen were given back; it should be %s, and says %d", paid, back, want, o.AmountRefunded)
	}
	if spare != spared {
		complain("%d fen too much came, and %d fen were given back by themselves", spare, spared)
	}
}

// events: the shop heard of what happened, of each once however often it was told, and of
// nothing else.
func (c *chaos) events(o chaosOrder, complain func(string, ...any)) {
	want := map[bool]int{true: 1}
	paid := o.Status == "paid" || o.Status == "partially_refunded" || o.Status == "refunded"
	if n := c.shop.times("order.paid", o.ID); n != want[paid] {
		complain("the shop heard of %d payments", n)
	}
	if n := c.shop.times("order.closed", o.ID); n != 1 && o.Status == "closed" || n > 1 { // what was closed may be paid after all
		complain("the shop heard of %d closures", n)
	}
	for _, r := range o.Refunds {
		if n := c.shop.times("refund.succeeded", r.ID); n != want[r.Status == "succeeded"] {
			complain("the shop heard of %d successes of refund %s, which is %s", n, r.ID, r.Status)
		}
	}
}
