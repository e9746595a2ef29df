package app

import (
	"context"
	"errors"
	"strings"

	"wxhub/identity"
	"wxhub/model/mongostore"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/pay/applyment"
	"wxhub/pay/reconcile"
	"wxhub/server/tasks"
	"wxhub/server/webhook"
)

// store is one database, seen through the interfaces of those who use it.
type store struct {
	users       identity.Store
	orders      pay.Orders
	idempotency pay.Idempotency
	transfers   pay.Transfers
	combined    pay.CombinedOrders
	applyments  applyment.Store
	deliveries  webhook.Deliveries
	tasks       taskStore
	outboxes    []webhook.Outbox
	ping        func(context.Context) error
	close       func() error
	reconcile   reconcile.Store
}

type taskStore interface {
	tasks.Store
	tasks.Cursors
}

func openStore(ctx context.Context, url string) (store, error) {
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		s, err := sqlitestore.Open(ctx, rest)
		if err != nil {
			return store{}, err
		}
		return store{
			s, s, s, s, s, s, s, s, []webhook.Outbox{s.OrderOutbox(), s.UserOutbox(), s.TaskOutbox(), s.TransferOutbox(), s.ApplymentOutbox()}, s.Ping, s.Close, s,
		}, nil
	case "mongodb", "mongodb+srv":
		s, err := mongostore.Open(ctx, url)
		if err != nil {
			return store{}, err
		}
		return store{
			s, s, s, s, s, s, s, s, []webhook.Outbox{s.OrderOutbox(), s.UserOutbox(), s.TaskOutbox(), s.TransferOutbox(), s.ApplymentOutbox()}, s.Ping, s.Close, s,
		}, nil
	}
	return store{}, errors.New("must be sqlite:PATH, mongodb://… or mongodb+srv://…")
}
