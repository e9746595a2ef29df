package edge

import (
	"sync"

	"golang.org/x/time/rate"

	"wxhub/model"
)

// Visitors keep one address from using up what is meant for all, where no key tells who
// asks. Behind a mobile carrier many people share an address, so they are generous.
type Visitors struct {
	mu    sync.Mutex
	every rate.Limit
	burst int
	known map[string]*rate.Limiter
}

// NewVisitors allows each address perSecond calls, and burst at once.
func NewVisitors(perSecond float64, burst int) *Visitors {
	return &Visitors{every: rate.Limit(perSecond), burst: burst, known: map[string]*rate.Limiter{}}
}

// maxVisitors bounds the memory. Who goes beyond it makes everybody begin anew.
const maxVisitors = 50_000

var errVisitor = model.NewError(model.KindTooMany, "too_many_requests", "too many requests from this address; try again shortly")

// Allow counts one call. Errors: too_many_requests.
func (v *Visitors) Allow(address string) error {
	v.mu.Lock()
	limiter, ok := v.known[address]
	if !ok {
		if len(v.known) >= maxVisitors {
			clear(v.known)
		}
		limiter = rate.NewLimiter(v.every, v.burst)
		v.known[address] = limiter
	}
	v.mu.Unlock()
	if !limiter.Allow() {
		return errVisitor
	}
	return nil
}
