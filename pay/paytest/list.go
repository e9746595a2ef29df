package paytest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

// shelf stores orders of three users, two merchants and all statuses, a minute
// apart, and returns them newest first. They are stored in another order.
func shelf(t *testing.T, s Store) []model.Order {
	var orders []model.Order
	for i := range 48 {
		orders = append(orders, model.Order{
			ID:         fmt.Sprintf("order-%03d", i),
			UserID:     fmt.Sprintf("user-%d", i%3),
			MerchantID: fmt.Sprintf("merchant-%d", i%2),
			Status:     model.OrderStatuses[i%5], // one status has no order
			CreatedAt:  storetest.Epoch().Add(time.Duration(i) * time.Minute),
			Version:    1,
		})
	}
	for i := range orders {
		insert(t, s, orders[i*7%len(orders)])
	}
	slices.Reverse(orders)
	return orders
}

// filters returns the filter of each field, of all together, and the time bounds
// on and around an order's millisecond.
func filters() map[string]model.OrderFilter {
	at := storetest.Epoch().Add(20 * time.Minute)
	return map[string]model.OrderFilter{
		"none":              {},
		"user":              {UserIDs: []string{"user-1"}},
		"merchant":          {MerchantID: "merchant-1"},
		"status":            {Status: model.OrderPaid},
		"status of none":    {Status: model.OrderClosed},
		"users":             {UserIDs: []string{"user-2", "user-9", "user-0"}},
		"unknown user":      {UserIDs: []string{"user-9"}},
		"after":             {CreatedAfter: at},
		"after, finer":      {CreatedAfter: at.Add(-time.Microsecond)},
		"before":            {CreatedBefore: at},
		"before, finer":     {CreatedBefore: at.Add(time.Microsecond)},
		"before, elsewhere": {CreatedBefore: at.In(time.FixedZone("east", 8*60*60))},
		"window":            {CreatedAfter: at, CreatedBefore: at.Add(9 * time.Minute)},
		"keyset":            {BeforeID: "order-030"},
		"all": {
			UserIDs: []string{"user-2", "user-1"}, MerchantID: "merchant-0", Status: model.OrderPaid,
			CreatedAfter: storetest.Epoch(), CreatedBefore: at.Add(time.Hour), BeforeID: "order-040",
		},
	}
}

// selects is the filter once more, in plain words.
func selects(f model.OrderFilter, o model.Order) bool {
	return (len(f.UserIDs) == 0 || slices.Contains(f.UserIDs, o.UserID)) &&
		(f.MerchantID == "" || f.MerchantID == o.MerchantID) &&
		(f.Status == "" || f.Status == o.Status) &&
		(f.CreatedAfter.IsZero() || o.CreatedAt.After(f.CreatedAfter)) &&
		(f.CreatedBefore.IsZero() || o.CreatedAt.Before(f.CreatedBefore)) &&
		(f.BeforeID == "" || o.ID < f.BeforeID)
}

func listFilters(t *testing.T, s Store) {
	all := shelf(t, s)
	for name, f := range filters() {
		var want []string
		for _, o := range all {
			if selects(f, o) {
				want = append(want, o.ID)
			}
		}
		for _, limit := range []int{0, 1, 5, 1000} {
			f.Limit = limit
			short := want
			if limit > 0 {
				short = want[:min(limit, len(want))]
			}
			if got := listed(t, s, f); !slices.Equal(got, short) {
				t.Errorf("%s, limit %d:\n got %v\nwant %v", name, limit, got, short)
			}
		}
	}
}

func listPages(t *testing.T, s Store) {
	all := shelf(t, s)
	for _, size := range []int{1, 7, 48} {
		var got []string
		f := model.OrderFilter{Limit: size}
		for range len(all) + 1 {
			page := listed(t, s, f)
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			f.BeforeID = page[len(page)-1]
		}
		if want := idsOf(all); !slices.Equal(got, want) {
			t.Errorf("pages of %d:\n got %v\nwant %v", size, got, want)
		}
	}
}

func listed(t *testing.T, s Store, f model.OrderFilter) []string {
	t.Helper()
	orders, err := s.ListOrders(context.Background(), f)
	if err != nil {
		t.Fatalf("list %+v: %v", f, err)
	}
	return idsOf(orders)
}

func idsOf(orders []model.Order) (ids []string) {
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	return ids
}
