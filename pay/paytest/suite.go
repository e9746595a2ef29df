package paytest

import (
	"context"
	"os"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/pay"
)

// Store is the store under test.
type Store interface {
	pay.Orders
	pay.Idempotency
	pay.Transfers
	pay.CombinedOrders
	Close() error
}

// Database opens one set of data; called again after Close it opens the same data.
type Database = storetest.Database[Store]

// Run runs the suite. Each test gets a new, empty database from fresh.
// WXHUB_TEST_EVERY_TRANSITION=1 has it try all transitions where it would try a sample.
func Run(t *testing.T, fresh func(t *testing.T) Database, o storetest.Options) {
	// One of how many is tried. The numbers are prime to the lengths of the lists that the transitions are
	// made from, so that a sample meets all of their elements.
	alone, together := 1, 11
	if o.Checks > 0 {
		alone, together = 29, 113
	}
	if os.Getenv("WXHUB_TEST_EVERY_TRANSITION") == "1" {
		alone, together = 1, 1
	}
	storetest.Run(t, fresh, Store.Close, o, []storetest.Test[Store]{
		{Name: "orders come back as they were stored", Run: roundTripOrders},
		{Name: "an id is taken once", Run: insertTwice},
		{Name: "what is not there is not found", Run: notFound},
		{Name: "a stale version changes nothing", Run: stale},
		{Name: "replacing leaves nothing of the old order", Run: replaceClears},
		{Name: "list: filters and order", Run: listFilters},
		{Name: "list: pages have no gap and no repeat", Run: listPages},
		{Name: "due: the longest due first", Run: due},
		{Name: "due: payments by method and status", Run: duePayments},
		{Name: "race: one insert of an id wins", Run: raceInsert},
		{Name: "race: no replacement is lost", Run: raceReplace},
		{Name: "claims come back as they were stored", Run: roundTripClaims},
		{Name: "the first claim stands", Run: claimTwice},
		{Name: "race: one claim wins and all see it", Run: raceClaim},
		storetest.Tests("combined orders", combinedOrders),
		storetest.Tests("transfers", transfers),
		{Name: "transfers that are due: the longest due first", Run: dueTransfers},
		{Name: "transitions: nothing that may not follow is ever stored", Run: func(t *testing.T, s Store) { transitions(t, s, alone) }},
		{Name: "transitions: nor of orders paid together", Run: func(t *testing.T, s Store) { transitionsTogether(t, s, together) }},
		{Name: "a cancelled context changes nothing", Run: cancelled},
	}, reopen)
}

func insert(t *testing.T, s Store, o model.Order) {
	t.Helper()
	if err := s.InsertOrder(context.Background(), o); err != nil {
		t.Fatalf("insert %s: %v", o.ID, err)
	}
}

func get(t *testing.T, s Store, id string) model.Order {
	t.Helper()
	o, err := s.Order(context.Background(), id)
	if err != nil {
		t.Fatalf("order %s: %v", id, err)
	}
	return o
}
