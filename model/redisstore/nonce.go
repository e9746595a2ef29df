package redisstore

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

func nonceAt(key string) string { return "wxhub:nonce:" + key }

// ClaimNonce gives a nonce to by, unless somebody has it; the claim is kept for ttl. It
// returns who has it now, and whether this call gave it. When the answer got lost on the
// way the driver asks again, and a nonce that was free counts as taken, by the right one.
func (s *Store) ClaimNonce(ctx context.Context, key, by string, ttl time.Duration) (holder string, fresh bool, err error) {
	if err := ends(ttl); err != nil {
		return "", false, err
	}
	for range 2 { // again when the claim ended between the two calls
		fresh, err = s.client.SetNX(ctx, nonceAt(key), by, ttl).Result()
		if err != nil || fresh {
			return by, fresh, failure(err)
		}
		holder, err = s.client.Get(ctx, nonceAt(key)).Result()
		if !errors.Is(err, redis.Nil) {
			break
		}
	}
	return holder, false, failure(err)
}
