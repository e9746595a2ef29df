package identitytest

import (
	"context"
	"errors"

	"pgregory.net/rapid"

	"wxhub/identity"
	"wxhub/model"
)

// stage gives one actor at a time the turn to make one storage call.
type stage struct {
	actors []*actor
	moment int // how many turns there have been
}

// actor is a process with one thread. It waits at its gate before each storage call.
type actor struct {
	ready chan bool // true: it waits for a turn; false: it has left
	turn  chan fate
	dead  bool
}

// fate is what becomes of a process at one storage call.
type fate int

const (
	lives fate = iota
	diesBefore
	diesAfter
)

func newStage() *stage { return &stage{} }

func (s *stage) enter() *actor {
	a := &actor{ready: make(chan bool), turn: make(chan fate)}
	s.actors = append(s.actors, a)
	return a
}

func (a *actor) leave() { a.ready <- false }

// run gives turns until everybody has left. One turn in thirty kills a process.
func (s *stage) run(t *rapid.T) {
	var waiting []*actor
	for _, a := range s.actors {
		if <-a.ready {
			waiting = append(waiting, a)
		}
	}
	for len(waiting) > 0 {
		at := 0
		if len(waiting) > 1 {
			at = rapid.IntRange(0, len(waiting)-1).Draw(t, "turn")
		}
		what := lives
		switch rapid.IntRange(0, 59).Draw(t, "fate") {
		case 58:
			what = diesBefore
		case 59:
			what = diesAfter
		}
		s.moment++
		a := waiting[at]
		a.turn <- what
		if !<-a.ready {
			waiting = append(waiting[:at], waiting[at+1:]...)
		}
	}
}

var errDied = errors.New("the process died here")

// call makes one storage call when its turn comes. A dead process makes none.
func call(a *actor, f func() error) error {
	if a.dead {
		return errDied
	}
	a.ready <- true
	switch <-a.turn {
	case diesBefore:
		a.dead = true
		return errDied
	case diesAfter:
		_ = f() // nobody is there to hear of it
		a.dead = true
		return errDied
	}
	return f()
}

// gate is the store as one actor sees it.
type gate struct {
	identity.Store
	history *history
	actor   *actor
}

func (g *gate) ClaimIdentity(ctx context.Context, i model.Identity) (stored model.Identity, created bool, err error) {
	err = call(g.actor, func() (err error) { stored, created, err = g.Store.ClaimIdentity(ctx, i); return err })
	return stored, created, err
}

func (g *gate) Identity(ctx context.Context, k model.IdentityKey) (i model.Identity, err error) {
	err = call(g.actor, func() (err error) { i, err = g.Store.Identity(ctx, k); return err })
	return i, err
}

func (g *gate) ReplaceIdentity(ctx context.Context, i model.Identity) error {
	return call(g.actor, func() error { return g.Store.ReplaceIdentity(ctx, i) })
}

func (g *gate) DeleteIdentity(ctx context.Context, i model.Identity) error {
	return call(g.actor, func() error { return g.Store.DeleteIdentity(ctx, i) })
}

func (g *gate) IdentitiesOf(ctx context.Context, ids ...string) (list []model.Identity, err error) {
	err = call(g.actor, func() (err error) { list, err = g.Store.IdentitiesOf(ctx, ids...); return err })
	return list, err
}

func (g *gate) InsertUser(ctx context.Context, u model.User) (created bool, err error) {
	err = call(g.actor, func() (err error) {
		created, err = g.Store.InsertUser(ctx, u)
		if created {
			g.history.made = append(g.history.made, u.ID)
		}
		return err
	})
	return created, err
}

func (g *gate) User(ctx context.Context, id string) (u model.User, err error) {
	err = call(g.actor, func() (err error) { u, err = g.Store.User(ctx, id); return err })
	return u, err
}

func (g *gate) ReplaceUser(ctx context.Context, u model.User) error {
	return call(g.actor, func() error { return g.Store.ReplaceUser(ctx, u) })
}

func (g *gate) MergedInto(ctx context.Context, ids ...string) (list []model.User, err error) {
	err = call(g.actor, func() (err error) { list, err = g.Store.MergedInto(ctx, ids...); return err })
	return list, err
}

func (g *gate) ClaimUnion(ctx context.Context, u model.Union) (stored model.Union, created bool, err error) {
	err = call(g.actor, func() (err error) { stored, created, err = g.Store.ClaimUnion(ctx, u); return err })
	return stored, created, err
}

func (g *gate) Union(ctx context.Context, k model.UnionKey) (u model.Union, err error) {
	err = call(g.actor, func() (err error) { u, err = g.Store.Union(ctx, k); return err })
	return u, err
}

func (g *gate) ReplaceUnion(ctx context.Context, u model.Union) error {
	return call(g.actor, func() error { return g.Store.ReplaceUnion(ctx, u) })
}

func (g *gate) AddConflict(ctx context.Context, c model.Conflict) (created bool, err error) {
	err = call(g.actor, func() (err error) {
		created, err = g.Store.AddConflict(ctx, c)
		g.history.conflicts[[3]string{c.AppID, c.OpenID, c.Reported}] = c.ID
		return err
	})
	return created, err
}

func (g *gate) UnionsOf(ctx context.Context, ids ...string) (list []model.Union, err error) {
	err = call(g.actor, func() (err error) { list, err = g.Store.UnionsOf(ctx, ids...); return err })
	return list, err
}

func (g *gate) DeleteUnion(ctx context.Context, u model.Union) error {
	return call(g.actor, func() error { return g.Store.DeleteUnion(ctx, u) })
}

func (g *gate) Conflict(ctx context.Context, id string) (c model.Conflict, err error) {
	err = call(g.actor, func() (err error) { c, err = g.Store.Conflict(ctx, id); return err })
	return c, err
}

func (g *gate) ReplaceConflict(ctx context.Context, c model.Conflict) error {
	return call(g.actor, func() error { return g.Store.ReplaceConflict(ctx, c) })
}

func (g *gate) DeleteConflicts(ctx context.Context, k model.IdentityKey) error {
	return call(g.actor, func() error { return g.Store.DeleteConflicts(ctx, k) })
}
