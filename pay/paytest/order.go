package paytest

import (
	"context"
	"errors"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

// sample is an order with something in every field.
func sample(id string) model.Order {
	at := storetest.Epoch()
	return model.Order{
		ID: id, MerchantID: "1900000001", Status: model.OrderPaid, Amount: 1990, Currency: model.CNY,
		AmountRefunded: 90, Description: "茶 🍵", Attach: "table 4", UserID: "user-1", CollectCode: "counter-1",
		Metadata: map[string]string{"shop.id": "7", "$note": "", "": "empty key"},
		Payments: []model.Payment{
			{
				ID: "pay-1", OutTradeNo: "no-1", Method: model.MethodNative, AppID: "wx1", Status: model.PaymentClosed,
				NotifyURL: "https://example.test/notify", CreatedAt: at,
			},
			{
				ID: "pay-2", OutTradeNo: "no-2", Method: model.MethodMiniProgram, AppID: "wx1", OpenID: "open-1",
				Status: model.PaymentPaid, PrepayID: "prepay", PrepaidAt: at.Add(time.Second), TransactionID: "4200",
				PaidAt: at.Add(time.Minute), CreatedAt: at.Add(time.Second),
			},
		},
		CreatedAt: at, ExpiresAt: at.Add(time.Hour), PaidAt: at.Add(time.Minute), CheckAt: at.Add(2 * time.Hour),
		Outbox: []model.Event{{
			ID: "event-" + id, Type: model.EventOrderPaid, Subject: id, Data: []byte(`{"a": 1,  "b":"<&>"}`), CreatedAt: at,
		}},
	}
}

func insertTwice(t *testing.T, s Store) {
	first := sample("order-1")
	first.Version = 9 // whatever the caller says, a new order is Version 1
	insert(t, s, first)
	second := sample("order-1")
	second.Amount = 1
	if err := s.InsertOrder(context.Background(), second); !errors.Is(err, model.ErrExists) {
		t.Errorf("second insert: got %v, want ErrExists", err)
	}
	first.Version = 1
	wantOrder(t, s, first)
}

func notFound(t *testing.T, s Store) {
	insert(t, s, sample("order-1"))
	if _, err := s.Order(context.Background(), "order-2"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("order: got %v, want ErrNotFound", err)
	}
	if err := s.ReplaceOrder(context.Background(), sample("order-2")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("replace: got %v, want ErrNotFound", err)
	}
	if _, err := s.Order(context.Background(), "order-2"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("replacing made an order: got %v, want ErrNotFound", err)
	}
}

func stale(t *testing.T, s Store) {
	insert(t, s, sample("order-1"))
	current := get(t, s, "order-1")
	current.AmountRefunded++
	if err := s.ReplaceOrder(context.Background(), current); err != nil {
		t.Fatalf("replace: %v", err)
	}
	current.Version++
	for _, version := range []int64{0, 1, 3, -1} {
		old := sample("order-1")
		old.Version = version
		if err := s.ReplaceOrder(context.Background(), old); !errors.Is(err, model.ErrStale) {
			t.Errorf("replace with version %d of 2: got %v, want ErrStale", version, err)
		}
	}
	wantOrder(t, s, current)
}

func replaceClears(t *testing.T, s Store) {
	insert(t, s, sample("order-1"))
	bare := model.Order{ID: "order-1", Status: model.OrderClosed, Version: 1}
	if err := s.ReplaceOrder(context.Background(), bare); err != nil {
		t.Fatalf("replace: %v", err)
	}
	bare.Version = 2
	wantOrder(t, s, bare)
	orders, err := s.DueOrders(context.Background(), storetest.Epoch().AddDate(100, 0, 0), 10)
	if err != nil || len(orders) != 0 {
		t.Errorf("an order without CheckAt is due: %v, error %v", orders, err)
	}
	orders, err = s.ListOrders(context.Background(), model.OrderFilter{UserIDs: []string{"user-1"}, Limit: 10})
	if err != nil || len(orders) != 0 {
		t.Errorf("an order is listed under its former user: %v, error %v", orders, err)
	}
}
