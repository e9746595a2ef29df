package sqlitestore_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"wxhub/model"
)

// TestWaitingForALockEndsWithTheContext holds the write lock as another process
// would: readers go on, writers wait as long as their context allows.
func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	path := file(t)
	s := open(t, path)
	defer s.Close()
	insertOrders(t, s, 1)
	unlock := lock(t, path)

	if _, err := s.Order(context.Background(), "order-0"); err != nil {
		t.Errorf("a reader was disturbed: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := s.InsertOrder(ctx, model.Order{ID: "order-late"})
	if !errors.Is(err, model.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("insert: got %v, want ErrUnavailable because of the deadline", err)
	}
	if waited := time.Since(start); waited > 5*time.Second {
		t.Errorf("the deadline of 50 ms was noticed after %v", waited)
	}

	unlock()
	if _, err := s.Order(context.Background(), "order-late"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the insert that was given up happened: %v", err)
	}
	must(t, s.InsertOrder(context.Background(), model.Order{ID: "order-late"}))
}

func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	must(t, err)
	tx, err := db.Begin()
	must(t, err)
	return func() { must(t, errors.Join(tx.Rollback(), db.Close())) }
}

// TestUnreadableDocumentIsNoOrder looks for stores that give a half-read order.
func TestUnreadableDocumentIsNoOrder(t *testing.T) {
	path := file(t)
	s := open(t, path)
	defer s.Close()
	insertOrders(t, s, 2)
	execute(`UPDATE orders SET doc = '{"amount": "1990"}' WHERE id = 'order-0'`)(t, path)
	execute(`UPDATE orders SET outbox = '[{}' WHERE id = 'order-1'`)(t, path)
	for _, id := range []string{"order-0", "order-1"} {
		if o, err := s.Order(context.Background(), id); !errors.Is(err, model.ErrUnavailable) || o.ID != "" {
			t.Errorf("%s: got %+v, error %v", id, o, err)
		}
	}
	if _, err := s.ListOrders(context.Background(), model.OrderFilter{}); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("list: got %v, want ErrUnavailable", err)
	}
}
