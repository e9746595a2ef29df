package sandbox

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// Errors of following.
var (
	ErrFollowing    = errors.New("the user follows the account already")
	ErrNotFollowing = errors.New("the user does not follow the account; POST /sandbox/follow")
)

// follower is a user who follows an official account.
type follower struct {
	user  User
	since time.Time
	scene string // of the QR code that led here; empty: found by search
}

// audience is who follows which official account, in the order of following.
type audience struct {
	clock *clock

	mu   sync.Mutex
	fans map[string][]follower // by app
}

// add returns false when the user is there already.
func (a *audience) add(app string, u User, scene string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.index(app, u.ID) >= 0 {
		return false
	}
	a.fans[app] = append(a.fans[app], follower{u, a.clock.now(), scene})
	return true
}

// remove returns false when the user is not there.
func (a *audience) remove(app, user string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.index(app, user)
	if i >= 0 {
		a.fans[app] = slices.Delete(a.fans[app], i, i+1)
	}
	return i >= 0
}

func (a *audience) find(app, user string) (follower, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := a.index(app, user); i >= 0 {
		return a.fans[app][i], true
	}
	return follower{}, false
}

// list is a copy: remove moves elements of the original.
func (a *audience) list(app string) []follower {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.fans[app])
}

func (a *audience) index(app, user string) int {
	return slices.IndexFunc(a.fans[app], func(f follower) bool { return f.user.ID == user })
}

func (a *audience) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fans = map[string][]follower{}
}
