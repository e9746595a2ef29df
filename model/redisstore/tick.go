package redisstore

import (
	"context"
	"strconv"
	"time"
)

// ClaimTick implements jobs.Ticks.
func (s *Store) ClaimTick(ctx context.Context, job string, tick int64, ttl time.Duration) (bool, error) {
	key := "wxhub:tick:{" + job + "}:" + strconv.FormatInt(tick, 10)
	claimed, err := s.client.SetNX(ctx, key, 1, ttl).Result()
	return claimed, failure(err)
}
