package redisstore

import (
	"context"
	"time"
)

func nonceAt(key string) string { return "wxhub:nonce:" + key }

// UseNonce reports whether nobody used the nonce within ttl. When the answer got lost
// on the way the driver asks again, and a fresh nonce counts as used: the error is on
// the safe side.
func (s *Store) UseNonce(ctx context.Context, key string, ttl time.Duration) (fresh bool, err error) {
	if err := ends(ttl); err != nil {
		return false, err
	}
	fresh, err = s.client.SetNX(ctx, nonceAt(key), 1, ttl).Result()
	return fresh, failure(err)
}

// ForgetNonce makes it fresh again, for when what came with it could not be accepted;
// forgetting twice is no error.
func (s *Store) ForgetNonce(ctx context.Context, key string) error {
	return failure(s.client.Del(ctx, nonceAt(key)).Err())
}
