// Package mongotest runs all conformance suites of the stores against one MongoDB
// server, whichever that is: a real one or a stand-in.
package mongotest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"wxhub/identity/identitytest"
	"wxhub/model/mongostore"
	"wxhub/model/storetest"
	"wxhub/pay/applyment/applymenttest"
	"wxhub/pay/paytest"
	"wxhub/pay/reconcile/reconciletest"
	"wxhub/server/tasks/taskstest"
	"wxhub/server/webhook/webhooktest"
)

// Run runs the suites of orders, applications, reconciliations, identities, tasks and webhooks against the server of a
// URI. Each test has a database of its own, which is dropped afterwards; the
// database that the URI names is not touched. Checks is the number of property
// checks, 0 for the default.
func Run(t *testing.T, uri string, checks int) {
	t.Run("orders", func(t *testing.T) {
		paytest.Run(t, func(t *testing.T) paytest.Database {
			fresh := freshDatabase(t, uri)
			return func(t *testing.T) paytest.Store { return open(t, fresh) }
		}, storetest.Options{Checks: checks})
	})
	t.Run("applications", func(t *testing.T) {
		applymenttest.Run(t, func(t *testing.T) applymenttest.Database {
			fresh := freshDatabase(t, uri)
			return func(t *testing.T) applymenttest.Store { return open(t, fresh) }
		}, storetest.Options{Checks: checks})
	})
	t.Run("reconciliations", func(t *testing.T) {
		reconciletest.Run(t, func(t *testing.T) reconciletest.Database {
			fresh := freshDatabase(t, uri)
			return func(t *testing.T) reconciletest.Store { return open(t, fresh) }
		}, storetest.Options{Checks: checks})
	})
	t.Run("identities", func(t *testing.T) {
		identitytest.Run(t, func(t *testing.T) identitytest.Database {
			fresh := freshDatabase(t, uri)
			return func(t *testing.T) identitytest.Store { return open(t, fresh) }
		}, storetest.Options{Checks: checks})
	})
	t.Run("random histories of people, logins and crashes", func(t *testing.T) {
		s := open(t, freshDatabase(t, uri))
		t.Cleanup(func() { _ = s.Close() }) // before its database is dropped
		identitytest.RunHistories(t, s, 2*checks)
	})
	t.Run("documents from before", func(t *testing.T) { oldDocuments(t, freshDatabase(t, uri)) })
	t.Run("tasks", func(t *testing.T) {
		taskstest.Run(t, func(t *testing.T) taskstest.Database {
			fresh := freshDatabase(t, uri)
			return func(t *testing.T) taskstest.Stores {
				s := open(t, fresh)
				return taskstest.Stores{Tasks: s, Cursors: s, Outbox: s.TaskOutbox(), Close: s.Close}
			}
		}, storetest.Options{Checks: checks})
	})
	t.Run("webhooks", func(t *testing.T) {
		webhooktest.Run(t, func(t *testing.T) webhooktest.Database {
			fresh := freshDatabase(t, uri)
			return func(t *testing.T) webhooktest.Stores { return stores(open(t, fresh)) }
		}, storetest.Options{Checks: checks})
	})
}

func stores(s *mongostore.Store) webhooktest.Stores {
	return webhooktest.Stores{
		Deliveries: s, Orders: s, OrderOutbox: s.OrderOutbox(), Users: s, UserOutbox: s.UserOutbox(), Close: s.Close,
	}
}

func open(t *testing.T, uri string) *mongostore.Store {
	t.Helper()
	s, err := mongostore.Open(context.Background(), uri)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return s
}

// freshDatabase returns the URI of a database that does not exist yet.
func freshDatabase(t *testing.T, uri string) string {
	t.Helper()
	name := "wxhub_test_" + strings.ToLower(rand.Text())
	t.Cleanup(func() {
		client, err := mongo.Connect(options.Client().ApplyURI(uri))
		if err != nil {
			t.Errorf("connect: %v", err)
			return
		}
		if err := client.Database(name).Drop(context.Background()); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
		if err := client.Disconnect(context.Background()); err != nil {
			t.Errorf("disconnect: %v", err)
		}
	})
	return withDatabase(uri, name)
}

// withDatabase replaces the path of a URI, which may name several hosts. The
// database that it named stays the one to log in at.
func withDatabase(uri, name string) string {
	rest, query, _ := strings.Cut(uri, "?")
	scheme, rest, _ := strings.Cut(rest, "://")
	hosts, before, _ := strings.Cut(rest, "/")
	if before != "" && !strings.Contains(query, "authSource=") && strings.Contains(hosts, "@") {
		query = strings.TrimPrefix(query+"&authSource="+before, "&")
	}
	uri = scheme + "://" + hosts + "/" + name
	if query == "" {
		return uri
	}
	return uri + "?" + query
}
