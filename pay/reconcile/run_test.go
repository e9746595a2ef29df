package reconcile_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay/reconcile"
	"wxhub/wx"
)

// TestEachKindOfDifference has one row for each way in which the two sides can differ.
func TestEachKindOfDifference(t *testing.T) {
	for _, seed := range seeds {
		w := newWorld(t, t.TempDir())
		want := seed(w, w.order(shop, 990, noon))
		t.Run(want[:strings.LastIndex(want, " ")-20], func(t *testing.T) {
			st := w.run(shop, "")
			got := w.found(model.DifferenceFilter{})
			d, found := got[want]
			if !found || len(got) != 1 {
				t.Fatalf("got %v, want %s", got, want)
			}
			wantOpen := int64(1)
			if d.Status == repaired {
				wantOpen = 0
			}
			if st.Open != wantOpen || st.Differences[d.Kind] != 1 {
				t.Errorf("statement %+v", st)
			}
		})
	}
}

func TestWhatIsNoDifference(t *testing.T) {
	for i, h := range harmless {
		w := newWorld(t, t.TempDir())
		h(w, w.order(shop, 990, noon))
		if st := w.run(shop, ""); st.Open != 0 || len(st.Differences) != 0 {
			t.Errorf("harmless %d: %+v, %v", i, st, w.found(model.DifferenceFilter{}))
		}
		if w.weChat.asked > 0 {
			t.Errorf("harmless %d: WeChat Pay was asked %d times", i, w.weChat.asked)
		}
	}
}

// TestRepairGoesThroughTheTransition: the order becomes paid because WeChat Pay says so, with its event.
func TestRepairGoesThroughTheTransition(t *testing.T) {
	w := newWorld(t, t.TempDir())
	o := w.order(shop, 990, noon)
	w.put(w.unpaid(o))
	w.pays(o, nil)
	w.run(shop, "")
	now, err := w.store.Order(t.Context(), o.ID)
	if err != nil || now.Status != model.OrderPaid || len(now.Outbox) != 1 || now.Outbox[0].Type != model.EventOrderPaid {
		t.Fatalf("order %+v, error %v", now, err)
	}
	st := w.run(shop, "") // and it stays on record
	if got := w.found(model.DifferenceFilter{Status: repaired}); len(got) != 1 || st.Open != 0 || st.OurPayments != st.BillPayments {
		t.Errorf("after a rerun: %v, %+v", got, st)
	}
}

// TestRepairDoesNotBelieveTheBillAboutTheAmount: WeChat Pay's own word must match the order.
func TestRepairDoesNotBelieveTheBillAboutTheAmount(t *testing.T) {
	w := newWorld(t, t.TempDir())
	o := w.order(shop, 990, noon)
	w.put(w.unpaid(o))
	w.pays(o, func(r *wx.TradeRow) { r.Amount = 1 })
	w.run(shop, "")
	if got := w.found(model.DifferenceFilter{}); len(got) != 2 || len(w.found(model.DifferenceFilter{Status: open})) != 1 {
		t.Errorf("want missing_here repaired and amount open: %v", got)
	}
}

func TestSilentWeChatLeavesDifferencesOpenAndIsLeftAlone(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for range 20 {
		o := w.order(shop, 990, noon)
		w.put(w.unpaid(o))
		w.pays(o, nil)
	}
	w.weChat.away = wx.ErrTimeout
	if st := w.run(shop, ""); st.Open != 20 || w.weChat.asked != 5 {
		t.Errorf("%+v after %d questions", st, w.weChat.asked)
	}
	w.weChat.away = nil
	if st := w.run(shop, ""); st.Open != 0 || len(w.found(model.DifferenceFilter{Status: repaired})) != 20 {
		t.Errorf("when it is back: %+v", st)
	}
}

// TestLifeOfADifference walks through every status, one run after the other.
func TestLifeOfADifference(t *testing.T) {
	w := newWorld(t, t.TempDir())
	o := w.put(w.order(shop, 990, noon))
	only := func(status model.DifferenceStatus) model.Difference {
		t.Helper()
		got := w.found(model.DifferenceFilter{})
		for _, d := range got {
			if len(got) == 1 && d.Status == status {
				return d
			}
		}
		t.Fatalf("want one that is %s: %v", status, got)
		return model.Difference{}
	}
	w.bills[shop] = nil // a day without a bill
	w.run(shop, "")
	first := only(open)
	w.now = w.now.Add(time.Hour)
	w.run(shop, "")
	if again := only(open); again != first {
		t.Errorf("a rerun changed it: %+v, was %+v", again, first)
	}
	if _, err := w.service().Resolve(t.Context(), first.ID, "  paid out by hand "); err != nil {
		t.Fatal(err)
	}
	w.run(shop, "")
	if d := only(model.DifferenceResolved); d.Note != "paid out by hand" || d.FoundAt != first.FoundAt {
		t.Errorf("resolved: %+v", d)
	}
	o.Payments[0].TransactionID = "42OTHER" // it changed, so the decision was about something else
	if err := w.store.ReplaceOrder(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.run(shop, "")
	if d := only(open); d.Note != "paid out by hand" {
		t.Errorf("reopened: %+v", d)
	}
	delete(w.bills, shop)
	w.pays(o, func(r *wx.TradeRow) { r.TransactionID = "42OTHER" })
	w.run(shop, "")
	vanished := only(model.DifferenceVanished)
	_, err := w.service().Resolve(t.Context(), vanished.ID, "done")
	wantCode(t, err, "difference_not_open")
	w.bills[shop] = nil
	w.run(shop, "")
	only(open)
}

func TestResolveRefuses(t *testing.T) {
	s := newWorld(t, t.TempDir()).service()
	_, err := s.Resolve(t.Context(), "rd_0000000000000000", "done")
	wantCode(t, err, "difference_not_found")
	for _, note := range []string{"", "  ", strings.Repeat("字", 501)} {
		_, err := s.Resolve(t.Context(), "rd_0000000000000000", note)
		wantCode(t, err, "invalid_input")
	}
}

func TestServiceProvider(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for i, sub := range []string{subOne, subOne, subTwo} {
		o := w.order(provider, model.Fen(100*(i+1)), noon)
		o.SubMerchantID = sub
		w.put(o)
		if i != 1 {
			w.pays(o, nil)
		}
	}
	moved := w.order(provider, 700, noon)
	moved.SubMerchantID = subTwo
	w.put(moved)
	w.pays(moved, func(r *wx.TradeRow) { r.SubMerchantID = subOne })
	st := w.run(provider, "")
	if st.Open != 2 || st.Rows != 3 || st.OurPayments != (model.Sum{Count: 4, Amount: 1300}) {
		t.Errorf("all: %+v", st)
	}
	one, err := w.service().Statement(t.Context(), provider, subOne, date)
	if err != nil || one.Open != 2 || one.BillPayments != (model.Sum{Count: 2, Amount: 800}) || one.OurPayments != (model.Sum{Count: 2, Amount: 300}) {
		t.Errorf("sub merchant: %+v, %v", one, err)
	}
	if got := w.found(model.DifferenceFilter{SubMerchantID: subOne}); len(got) != 2 {
		t.Errorf("differences of the sub merchant: %v", got)
	}
	_, err = w.service().Run(t.Context(), reconcile.Request{MerchantID: provider, SubMerchantID: subOne, Date: date})
	wantCode(t, err, "bill_unreadable") // the bill has rows of the other one
}

// TestRefusals has one row for each request that is refused before anything is called or stored.
func TestRefusals(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.bills[shop] = errors.New("it was called")
	for name, c := range map[string]struct {
		r    reconcile.Request
		code string
	}{
		"no such merchant":           {reconcile.Request{MerchantID: rival, Date: date}, "merchant_unknown"},
		"sub merchant of a shop":     {reconcile.Request{MerchantID: shop, SubMerchantID: subOne, Date: date}, "invalid_input"},
		"sub merchant nobody knows":  {reconcile.Request{MerchantID: provider, SubMerchantID: shop, Date: date}, "invalid_input"},
		"not a day":                  {reconcile.Request{MerchantID: shop, Date: "5.3.2026"}, "invalid_input"},
		"not a day of any month":     {reconcile.Request{MerchantID: shop, Date: "2026-02-30"}, "invalid_input"},
		"today":                      {reconcile.Request{MerchantID: shop, Date: "2026-03-06"}, "invalid_input"},
		"tomorrow":                   {reconcile.Request{MerchantID: shop, Date: "2026-03-07"}, "invalid_input"},
		"longer ago than bills live": {reconcile.Request{MerchantID: shop, Date: "2025-12-05"}, "invalid_input"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.service().Run(t.Context(), c.r)
			wantCode(t, err, c.code)
		})
	}
	w.now = time.Date(2026, 3, 6, 0, 0, 0, 0, reconcile.China) // the first moment after the day
	_, err := w.service().Run(t.Context(), reconcile.Request{MerchantID: shop, Date: date})
	wantCode(t, err, "invalid_input")
}

// TestBillOfAnother is refused, or each order would be a difference.
func TestBillOfAnother(t *testing.T) {
	for name, change := range map[string]func(*wx.TradeRow){
		"merchant": func(r *wx.TradeRow) { r.MerchantID = rival },
		"day":      func(r *wx.TradeRow) { r.At = noon.AddDate(0, 0, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			o := w.put(w.order(shop, 990, noon))
			w.pays(o, change)
			_, err := w.service().Run(t.Context(), reconcile.Request{MerchantID: shop, Date: date})
			wantCode(t, err, "bill_unreadable")
			if got := w.found(model.DifferenceFilter{}); len(got) != 0 {
				t.Errorf("stored: %v", got)
			}
		})
	}
}

// TestBillThatDoesNotAddUpStoresNothing: not even what its rows would have said.
func TestBillThatDoesNotAddUpStoresNothing(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.put(w.order(shop, 990, noon))
	w.sums.orders = 1
	_, err := w.service().Run(context.Background(), reconcile.Request{MerchantID: shop, Date: date})
	wantCode(t, err, "bill_unreadable")
	if got := w.found(model.DifferenceFilter{}); len(got) != 0 {
		t.Errorf("stored: %v", got)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if err == nil || model.CodeOf(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

// doubled gives each order twice, as a store may when an order changes while it reads.
type doubled struct{ reconcile.Store }

func (d doubled) MovedOrders(ctx context.Context, m, sub string, from, until time.Time, each func(model.Order) error) error {
	return d.Store.MovedOrders(ctx, m, sub, from, until, func(o model.Order) error { return errors.Join(each(o), each(o)) })
}

func TestOrderThatComesTwiceIsCountedOnce(t *testing.T) {
	w := newWorld(t, t.TempDir())
	o := refunded(w.order(shop, 990, noon), 5, noon, noon)
	w.put(o)
	w.pays(o, nil)
	w.gives(o, o.Refunds[0], nil)
	w.put(w.order(shop, 100, noon)) // missing there
	s := w.service()
	s.Store = doubled{w.store}
	st, err := s.Run(t.Context(), reconcile.Request{MerchantID: shop, Date: date})
	if err != nil || st.OurPayments != (model.Sum{Count: 2, Amount: 1090}) || st.OurRefunds != (model.Sum{Count: 1, Amount: 5}) || st.Open != 1 {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestProgressNeverRunsBackOrOver: the bill is read once or twice.
func TestProgressNeverRunsBackOrOver(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for i := range 20 {
		o := w.order(shop, 990, noon)
		if i > 0 {
			w.put(o)
		}
		w.pays(o, nil)
	}
	last, calls := int64(0), 0
	_, err := w.service().Run(t.Context(), reconcile.Request{MerchantID: shop, Date: date, Progress: func(done, all int64) {
		if done < last || done > all {
			t.Errorf("%d of %d after %d", done, all, last)
		}
		last = done
		calls++
	}})
	if err != nil || calls != 40 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

// TestMeterCounts differences and runs.
func TestMeterCounts(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.put(w.order(shop, 100, noon))
	s := w.service()
	m := &meter{}
	s.Meter = m
	if _, err := s.Run(t.Context(), reconcile.Request{MerchantID: shop, Date: date}); err != nil {
		t.Fatal(err)
	}
	_, err := s.Run(t.Context(), reconcile.Request{MerchantID: shop, Date: "x"})
	wantCode(t, err, "invalid_input")
	if got := strings.Join(m.told, " "); got != "missing_there/open ok invalid_input" {
		t.Errorf("got %s", got)
	}
}

type meter struct{ told []string }

func (m *meter) Reconciled(result string) { m.told = append(m.told, result) }
func (m *meter) Difference(k model.DifferenceKind, s model.DifferenceStatus) {
	m.told = append(m.told, string(k)+"/"+string(s))
}

// TestTooManyDifferencesAreCountedAndNotListed: so many are not about single payments.
func TestTooManyDifferencesAreCountedAndNotListed(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for range 5 {
		w.put(w.order(shop, 100, noon)) // missing there
		w.pays(w.order(shop, 100, noon), nil)
	}
	s := w.service()
	s.List(3)
	var first map[string]model.Difference
	for range 2 {
		st, err := s.Run(t.Context(), reconcile.Request{MerchantID: shop, Date: date})
		got := w.found(model.DifferenceFilter{Status: open})
		if err != nil || st.Open != 10 || st.Unlisted != 7 || len(got) != 3 {
			t.Errorf("%+v, %d listed, error %v", st, len(got), err)
		}
		if first != nil && !maps.Equal(first, got) {
			t.Errorf("a rerun lists others: %v, then %v", first, got)
		}
		first = got
	}
}
