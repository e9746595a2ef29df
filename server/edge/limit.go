package edge

import (
	"sync"

	"golang.org/x/time/rate"

	"wxhub/model"
)

// Limits keep one backend from using up what is meant for all, per key and process.
// They are generous: a backend that reaches them has a loop.
type Limits struct {
	mu      sync.Mutex
	reads   map[string]*rate.Limiter
	changes map[string]*rate.Limiter
}

// NewLimits makes limits.
func NewLimits() *Limits {
	return &Limits{reads: map[string]*rate.Limiter{}, changes: map[string]*rate.Limiter{}}
}

const (
	readsPerSecond, readsBurst     = 10_000, 20_000
	changesPerSecond, changesBurst = 50, 1000
)

var errTooMany = model.NewError(model.KindTooMany, "too_many_requests", "this API key asks too often; slow down")

// Read counts one cheap call of a key. Errors: too_many_requests.
func (l *Limits) Read(key string) error { return l.allow(l.reads, key, readsPerSecond, readsBurst) }

// Change counts one call that may cost a call to WeChat. Errors: too_many_requests.
func (l *Limits) Change(key string) error {
	return l.allow(l.changes, key, changesPerSecond, changesBurst)
}

func (l *Limits) allow(of map[string]*rate.Limiter, key string, perSecond rate.Limit, burst int) error {
	l.mu.Lock()
	limiter, ok := of[key]
	if !ok {
		limiter = rate.NewLimiter(perSecond, burst)
		of[key] = limiter
	}
	l.mu.Unlock()
	if !limiter.Allow() {
		return errTooMany
	}
	return nil
}
