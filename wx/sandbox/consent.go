package sandbox

import (
	"errors"
	"sync"
	"time"
)

// ErrSnapshot: a wrong number of snapshots.
var ErrSnapshot = errors.New("times is how many authorisations are snapshots; 0: none any more, -1: all")

// relation is a user and an app.
type relation struct{ user, app string }

// consents are what users decided about apps, and where they have been.
type consents struct {
	clock *clock

	mu        sync.Mutex
	given     map[relation]bool
	seen      map[relation]time.Time // last exchange of a code
	snapshots map[relation]int
}

func newConsents(c *clock) *consents {
	out := &consents{clock: c}
	out.reset()
	return out
}

// Consent makes the user agree to a web login with the app, as Allow on the consent page does: the pages redirect
// at once from now on. user is an id or a name. It returns ErrNoApp, ErrAppKind or ErrNoUser.
func (p *Platform) Consent(appID, user string) error {
	u, app, err := p.onPhone(appID, user, KindOfficialAccount, KindWebsite, KindMobileApp)
	if err != nil {
		return err
	}
	p.consents.give(u.ID, app.ID)
	return nil
}

// Snapshot makes the user's next authorisations in the official account those of a snapshot page: a virtual user,
// another one each time. times: 0 for none any more, -1 for all.
// It returns ErrNoApp, ErrAppKind, ErrNoUser or ErrSnapshot.
func (p *Platform) Snapshot(appID, user string, times int) error {
	if times < -1 {
		return ErrSnapshot
	}
	u, app, err := p.onPhone(appID, user, KindOfficialAccount)
	if err != nil {
		return err
	}
	p.consents.mu.Lock()
	defer p.consents.mu.Unlock()
	p.consents.snapshots[relation{u.ID, app.ID}] = times
	return nil
}

func (c *consents) give(user, app string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given[relation{user, app}] = true
}

// needed tells whether the user must be asked. On a snapshot page nobody is.
func (c *consents) needed(user, app, scope string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := relation{user, app}
	return scope != scopeBase && !c.given[r] && c.snapshots[r] == 0
}

// takeSnapshot uses one snapshot up.
func (c *consents) takeSnapshot(user, app string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := relation{user, app}
	left := c.snapshots[r]
	if left > 0 {
		c.snapshots[r]--
	}
	return left != 0
}

// visit remembers that the app got to know the user.
func (c *consents) visit(user, app string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[relation{user, app}] = c.clock.now()
}

// withdraw forgets the consent.
func (c *consents) withdraw(user, app string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.given, relation{user, app})
}

// since tells whether the app got to know the user within d.
func (c *consents) since(user, app string, d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, found := c.seen[relation{user, app}]
	return found && c.clock.now().Sub(at) <= d
}

func (c *consents) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given, c.seen, c.snapshots = map[relation]bool{}, map[relation]time.Time{}, map[relation]int{}
}
