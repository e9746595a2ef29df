package redisstore

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"wxhub/model"
)

// inProgress is the value of a redemption without an outcome.
const inProgress = ""

func redemptionAt(key string) string { return "wxhub:redemption:" + key }

// BeginRedemption makes the redemption of a login code the caller's own for a lease,
// unless somebody else began it: then it returns the outcome, "" while it is in
// progress. Of several who ask at the same time it is one's own.
func (s *Store) BeginRedemption(ctx context.Context, key string, lease time.Duration) (mine bool, outcome string, err error) {
	if err := ends(lease); err != nil {
		return false, "", err
	}
	for {
		mine, err := s.client.SetNX(ctx, redemptionAt(key), inProgress, lease).Result()
		if mine || err != nil {
			return mine, "", failure(err)
		}
		outcome, _, err := s.Redemption(ctx, key)
		if !errors.Is(err, model.ErrNotFound) { // else it ended between the two commands
			return false, outcome, err
		}
	}
}

// FinishRedemption tells the outcome, which is not "", to all who ask within ttl.
func (s *Store) FinishRedemption(ctx context.Context, key, outcome string, ttl time.Duration) error {
	if outcome == inProgress {
		return errors.New("redisstore: an empty outcome would mean that the redemption is in progress")
	}
	if err := ends(ttl); err != nil {
		return err
	}
	return failure(s.client.Set(ctx, redemptionAt(key), outcome, ttl).Err())
}

// abandon leaves an outcome alone: whoever lost the lease must not take away what the
// next one found out.
var abandon = redis.NewScript(`
if redis.call('GET', KEYS[1]) == '' then return redis.call('DEL', KEYS[1]) end
return 0`)

// AbandonRedemption lets somebody else begin it; without one in progress it does nothing.
func (s *Store) AbandonRedemption(ctx context.Context, key string) error {
	return failure(abandon.Run(ctx, s.client, []string{redemptionAt(key)}).Err())
}

// Redemption returns the outcome and whether there is one; model.ErrNotFound when
// nobody began, or the lease of who did is over.
func (s *Store) Redemption(ctx context.Context, key string) (outcome string, done bool, err error) {
	outcome, err = s.client.Get(ctx, redemptionAt(key)).Result()
	if err != nil {
		return "", false, failure(err)
	}
	return outcome, outcome != inProgress, nil
}
