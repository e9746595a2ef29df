package webhooktest

import (
	"context"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/server/webhook"
)

// Stores are the parts of the store under test.
type Stores struct {
	Deliveries  webhook.Deliveries
	Orders      Orders
	OrderOutbox webhook.Outbox
	Users       Users
	UserOutbox  webhook.Outbox
	Close       func() error
}

func (s Stores) close() error { return s.Close() }

// Orders puts events into orders.
type Orders interface {
	InsertOrder(ctx context.Context, o model.Order) error
	Order(ctx context.Context, id string) (model.Order, error)
	ReplaceOrder(ctx context.Context, o model.Order) error
}

// Users puts events into users.
type Users interface {
	InsertUser(ctx context.Context, u model.User) (created bool, err error)
	User(ctx context.Context, id string) (model.User, error)
}

// Database opens one set of data; called again after Close it opens the same data.
type Database = storetest.Database[Stores]

// Run runs the suite. Each test gets a new, empty database from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Database, o storetest.Options) {
	storetest.Run(t, fresh, Stores.close, o, []storetest.Test[Stores]{
		{Name: "outbox: pending until acknowledged", Run: acknowledge},
		{Name: "outbox: oldest aggregates first", Run: pendingOrder},
		{Name: "outbox: users have one too", Run: userOutbox},
		{Name: "outbox: an old copy of the order brings no event back", Run: noResurrection},
		{Name: "outbox: race of acknowledgement and replacement loses neither", Run: raceAcknowledge},
		{Name: "outbox: a cancelled context changes nothing", Run: cancelledOutbox},
		{Name: "deliveries come back as they were stored", Run: roundTrip},
		{Name: "deliveries: added once", Run: addTwice},
		{Name: "deliveries: what is not there, what is stale", Run: missingAndStale},
		{Name: "deliveries: the longest due first", Run: due},
		{Name: "deliveries: purged when they have ended long ago", Run: purge},
		{Name: "deliveries: race for a lease has one winner", Run: raceLease},
		{Name: "deliveries: race of adding makes one", Run: raceAdd},
		{Name: "deliveries: a cancelled context changes nothing", Run: cancelledDeliveries},
	}, reopen)
}
