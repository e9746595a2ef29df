package redisstore

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

var silenceOnce sync.Once

// silenceDriver stops go-redis from writing lines of its own to stderr, which it does
// through a global: what goes wrong comes back as an error, and is logged by whoever
// handles it.
func silenceDriver() {
	silenceOnce.Do(func() { redis.SetLogger(silent{}) })
}

type silent struct{}

// Printf drops the line.
func (silent) Printf(context.Context, string, ...any) {}
