package sqlitestore_test

import (
	"context"
	"path/filepath"
	"testing"

	"wxhub/identity/identitytest"
	"wxhub/model/sqlitestore"
	"wxhub/model/storetest"
	"wxhub/pay/applyment/applymenttest"
	"wxhub/pay/paytest"
	"wxhub/pay/reconcile/reconciletest"
	"wxhub/server/tasks/taskstest"
	"wxhub/server/webhook/webhooktest"
)

func open(t *testing.T, path string) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(context.Background(), path)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return s
}

// file names a database that does not exist yet, in a directory that does not either.
func file(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "wxhub.db") }

func TestOrders(t *testing.T) {
	paytest.Run(t, func(t *testing.T) paytest.Database {
		path := file(t)
		return func(t *testing.T) paytest.Store { return open(t, path) }
	}, storetest.Options{})
}

func TestApplyments(t *testing.T) {
	applymenttest.Run(t, func(t *testing.T) applymenttest.Database {
		path := file(t)
		return func(t *testing.T) applymenttest.Store { return open(t, path) }
	}, storetest.Options{})
}

func TestReconciliations(t *testing.T) {
	reconciletest.Run(t, func(t *testing.T) reconciletest.Database {
		path := file(t)
		return func(t *testing.T) reconciletest.Store { return open(t, path) }
	}, storetest.Options{})
}

func TestIdentities(t *testing.T) {
	identitytest.Run(t, func(t *testing.T) identitytest.Database {
		path := file(t)
		return func(t *testing.T) identitytest.Store { return open(t, path) }
	}, storetest.Options{})
}

func TestWebhooks(t *testing.T) {
	webhooktest.Run(t, func(t *testing.T) webhooktest.Database {
		path := file(t)
		return func(t *testing.T) webhooktest.Stores {
			s := open(t, path)
			return webhooktest.Stores{
				Deliveries: s, Orders: s, OrderOutbox: s.OrderOutbox(), Users: s, UserOutbox: s.UserOutbox(), Close: s.Close,
			}
		}
	}, storetest.Options{})
}

func TestTasks(t *testing.T) {
	taskstest.Run(t, func(t *testing.T) taskstest.Database {
		path := file(t)
		return func(t *testing.T) taskstest.Stores {
			s := open(t, path)
			return taskstest.Stores{Tasks: s, Cursors: s, Outbox: s.TaskOutbox(), Close: s.Close}
		}
	}, storetest.Options{})
}
