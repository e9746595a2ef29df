package h5

import (
	"sync"
	"time"
)

// askEvery is how often at most one process asks WeChat Pay about one order because a page
// wants to know.
const askEvery = 2 * time.Second

// maxRecent bounds the memory of recently.
const maxRecent = 10_000

// recently says no to what was done a moment ago.
type recently struct {
	mu    sync.Mutex
	pause time.Duration
	last  map[string]time.Time
}

func newRecently(pause time.Duration) *recently {
	return &recently{pause: pause, last: map[string]time.Time{}}
}

// first reports whether key was not seen within the pause before now.
func (r *recently) first(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.last[key]) < r.pause {
		return false
	}
	if len(r.last) >= maxRecent {
		clear(r.last)
	}
	r.last[key] = now
	return true
}
