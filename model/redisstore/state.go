package redisstore

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"wxhub/model"
)

// stateRecord is model.LoginState as it is stored.
type stateRecord struct {
	AppID    string `json:"app_id"`
	Browser  string `json:"browser"`
	ReturnTo string `json:"return_to"`
	Scope    string `json:"scope"`
}

func stateAt(hash string) string { return "wxhub:state:" + hash }

// SaveState keeps a login under the hash of its OAuth state for ttl.
func (s *Store) SaveState(ctx context.Context, hash string, state model.LoginState, ttl time.Duration) error {
	return s.save(ctx, stateAt(hash), stateRecord(state), ttl)
}

// State returns a login, or model.ErrNotFound.
func (s *Store) State(ctx context.Context, hash string) (model.LoginState, error) {
	r, err := load[stateRecord](ctx, s, stateAt(hash))
	return model.LoginState(r), err
}

// UseState marks a login as used for ttl, and reports whether the first to do so named
// the same reason: of several who come with different reasons one is let through.
func (s *Store) UseState(ctx context.Context, hash, reason string, ttl time.Duration) (bool, error) {
	if err := ends(ttl); err != nil {
		return false, err
	}
	key := "wxhub:state_used:" + hash
	for {
		first, err := s.client.SetNX(ctx, key, reason, ttl).Result()
		if first || err != nil {
			return first, failure(err)
		}
		stands, err := s.client.Get(ctx, key).Result()
		if !errors.Is(err, redis.Nil) { // else it ended between the two commands
			return stands == reason, failure(err)
		}
	}
}
