// Package reconciletest is what every store of reconciliations must pass: the comments
// of reconcile.Books, reconcile.Differences and reconcile.Statements as tests.
package reconciletest

import (
	"context"
	"testing"

	"wxhub/model/storetest"
	"wxhub/pay"
	"wxhub/pay/reconcile"
)

// Store is the store under test.
type Store interface {
	reconcile.Store
	pay.Orders
	Close() error
}

// Database opens one set of data; called again after Close it opens the same data.
type Database = storetest.Database[Store]

// Run runs the suite. Each test gets a new, empty database from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Database, o storetest.Options) {
	storetest.Run(t, fresh, Store.Close, o, []storetest.Test[Store]{
		{Name: "differences come back as they were stored", Run: roundTripDifferences},
		{Name: "differences: stale and missing", Run: staleDifferences},
		{Name: "differences: filters, order and pages", Run: listDifferences},
		{Name: "statements come back as they were stored", Run: roundTripStatements},
		{Name: "statements: stale and missing", Run: staleStatements},
		{Name: "statements: the longest due first", Run: dueStatements},
		{Name: "race: one process takes a statement", Run: raceStatement},
		{Name: "moved orders: by the moment", Run: movedByMoment},
		{Name: "moved orders: by the merchant", Run: movedByMerchant},
		{Name: "moved orders: follow every replacement", Run: movedFollows},
		{Name: "moved orders: many, and one that stops", Run: movedMany},
	}, reopen)
}

func ctx() context.Context { return context.Background() }

// reopen stores something, closes, and finds it again.
func reopen(t *testing.T, db Database) {
	s := db(t)
	d, st := difference("a"), statement("a")
	addDifference(t, s, d)
	addStatement(t, s, st)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = db(t)
	defer s.Close() //nolint:errcheck // it was read
	if got, err := s.Difference(ctx(), d.ID); err != nil || got != d {
		t.Errorf("difference %+v, error %v", got, err)
	}
	if _, err := s.Statement(ctx(), st.ID); err != nil {
		t.Errorf("statement: %v", err)
	}
}
