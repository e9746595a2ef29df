package reconciletest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

const merchant = "1900000001"

// paidOrder has a payment of each moment; a zero one was not made.
func paidOrder(id string, moments ...time.Time) model.Order {
	o := model.Order{
		ID: id, MerchantID: merchant, Status: model.OrderPaid, Amount: 990, Currency: model.CNY, CreatedAt: storetest.Epoch(), Version: 1,
	}
	for i, at := range moments {
		o.Payments = append(o.Payments, model.Payment{
			ID: fmt.Sprint(id, i), OutTradeNo: fmt.Sprint(id, i), Method: model.MethodNative, Status: model.PaymentPaid, TransactionID: "42", PaidAt: at,
		})
	}
	return o
}

func refund(o model.Order, at time.Time) model.Order {
	o.Refunds = append(o.Refunds, model.Refund{
		ID: o.ID + "R1", OutTradeNo: o.ID + "0", Amount: 1, Status: model.RefundSucceeded, RefundID: "50", CreatedAt: at.Add(-time.Minute), SucceededAt: at,
	})
	return o
}

func put(t *testing.T, s Store, o model.Order) {
	t.Helper()
	if err := s.InsertOrder(ctx(), o); err != nil {
		t.Fatalf("insert %s: %v", o.ID, err)
	}
}

func moved(t *testing.T, s Store, merchantID, sub string, from, until time.Time) (ids []string) {
	t.Helper()
	err := s.MovedOrders(ctx(), merchantID, sub, from, until, func(o model.Order) error {
		ids = append(ids, o.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}

func movedByMoment(t *testing.T, s Store) {
	from := storetest.Epoch()
	until := from.Add(24 * time.Hour)
	ms := time.Millisecond
	whole := refund(paidOrder("refunded", from.AddDate(0, -1, 0)), from.Add(time.Hour))
	for _, o := range []model.Order{
		paidOrder("first", from), paidOrder("last", until.Add(-ms)), paidOrder("early", from.Add(-ms)), paidOrder("late", until),
		paidOrder("never", time.Time{}), paidOrder("second", time.Time{}, from), paidOrder("around", from.Add(-ms), until),
		paidOrder("twice", from, until), whole, refund(paidOrder("both", from), from), refund(paidOrder("other-day", from.Add(-ms)), until),
	} {
		put(t, s, o)
	}
	if got, want := moved(t, s, merchant, "", from, until), []string{"both", "first", "last", "refunded", "second", "twice"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	err := s.MovedOrders(ctx(), merchant, "", from.Add(time.Hour), until, func(o model.Order) error {
		want := model.Order{
			ID: whole.ID, MerchantID: merchant, Status: whole.Status, Amount: whole.Amount, Currency: whole.Currency, Payments: whole.Payments, Refunds: whole.Refunds,
		}
		got := model.Order{
			ID: o.ID, MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, Status: o.Status, Amount: o.Amount, Currency: o.Currency,
			Payments: o.Payments, Refunds: o.Refunds,
		}
		if o.ID == whole.ID && !reflect.DeepEqual(got, want) {
			t.Errorf("\n got %+v\nwant %+v", got, want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func movedByMerchant(t *testing.T, s Store) {
	from := storetest.Epoch()
	for id, of := range map[string][2]string{"own": {merchant, ""}, "sub-1": {merchant, "1"}, "sub-2": {merchant, "2"}, "rival": {"1900000002", "1"}} {
		o := paidOrder(id, from)
		o.MerchantID, o.SubMerchantID = of[0], of[1]
		put(t, s, o)
	}
	until := from.Add(time.Millisecond)
	if got := moved(t, s, merchant, "", from, until); !slices.Equal(got, []string{"own", "sub-1", "sub-2"}) {
		t.Errorf("all: %v", got)
	}
	if got := moved(t, s, merchant, "1", from, until); !slices.Equal(got, []string{"sub-1"}) {
		t.Errorf("one: %v", got)
	}
}

func movedFollows(t *testing.T, s Store) {
	from := storetest.Epoch()
	until := from.Add(time.Hour)
	o := paidOrder("order", time.Time{})
	put(t, s, o)
	for i, step := range []struct {
		change func()
		want   int
	}{
		{func() {}, 0},
		{func() { o.Payments[0].PaidAt = from }, 1},
		{func() { o.Payments[0].PaidAt = until }, 0},
		{func() { o = refund(o, from) }, 1},
		{func() { o.Refunds = nil }, 0},
		{func() { o.Payments[0].PaidAt = time.Time{} }, 0},
	} {
		step.change()
		if err := s.ReplaceOrder(ctx(), o); err != nil {
			t.Fatal(err)
		}
		o.Version++
		if got := moved(t, s, merchant, "", from, until); len(got) != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}

func movedMany(t *testing.T, s Store) {
	from := storetest.Epoch()
	for i := range 50 {
		put(t, s, paidOrder(fmt.Sprintf("order-%02d", i), from.Add(time.Duration(i)*time.Second)))
	}
	if got := moved(t, s, merchant, "", from, from.Add(time.Hour)); len(got) != 50 || len(slices.Compact(got)) != 50 {
		t.Errorf("%d orders", len(got))
	}
	enough, n := errors.New("enough"), 0
	err := s.MovedOrders(ctx(), merchant, "", from, from.Add(time.Hour), func(model.Order) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("stopped after %d with %v", n, err)
	}
}
