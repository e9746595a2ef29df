package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"wxhub/cmd/internal/config"
	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/pay"
)

// People is what an operator's commands about users need: the same store as the servers,
// and their Redis where it is one that processes share.
type People struct {
	*identity.Service
	Orders      pay.Orders
	SharedRedis bool // false: Redis is inside the server's process
	close       []func() error
}

// OpenPeople opens the store for an operator's command. Close it in the end.
func OpenPeople(ctx context.Context, c *config.Config, log *slog.Logger) (*People, error) {
	store, err := openStore(ctx, c.Store.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("store.url: %w", err)
	}
	p := &People{Orders: store.orders, SharedRedis: !c.Redis.URL.Equal("embedded:"), close: []func() error{store.close}}
	o := identity.Options{
		Store: store.users, Apps: apps(c), SessionTTL: c.Server.SessionTTL, Now: time.Now,
		IDs: model.IDs{Now: time.Now, Entropy: rand.Reader}, Entropy: rand.Reader, Log: log, Sessions: elsewhere{},
	}
	if p.SharedRedis {
		redis, err := redisstore.Open(ctx, c.Redis.URL.Reveal())
		if err != nil {
			_ = store.close()
			return nil, fmt.Errorf("redis.url: %w", err)
		}
		o.Sessions = redis
		p.close = append(p.close, redis.Close)
	}
	p.Service = identity.New(o)
	return p, nil
}

// elsewhere stands for a Redis that is inside of the server.
type elsewhere struct{ identity.Sessions }

// DeleteSessionKey cannot reach it, so what needs this stays as it is: the repair job of
// the server finishes it.
func (elsewhere) DeleteSessionKey(context.Context, string, string) error {
	return model.NewError(model.KindUnavailable, "unavailable",
		"the session keys are in a Redis inside of the server, which erases them within seconds, or when it is started next; try again then")
}

// Close closes what OpenPeople opened.
func (p *People) Close() error {
	var first error
	for _, f := range p.close {
		if err := f(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
