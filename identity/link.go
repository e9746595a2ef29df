package identity

import (
	"context"
	"errors"
	"fmt"

	"wxhub/model"
)

// The algorithm of the package doc: arrive is claim, learn and link; merge joins two
// users; announce gives birth to one.

// arrive returns the identity that WeChat vouches for, joined with whom its UnionID
// belongs to.
func (s *Service) arrive(ctx context.Context, app App, openID, unionID string) (model.Identity, error) {
	for {
		i, err := s.Store.Identity(ctx, model.IdentityKey{AppID: app.ID, OpenID: openID})
		if errors.Is(err, model.ErrNotFound) {
			i, err = s.claim(ctx, app, openID, unionID)
		}
		if err != nil {
			return model.Identity{}, err
		}
		root, err := s.root(ctx, i.UserID)
		if err != nil {
			return model.Identity{}, err
		}
		if root.erased() { // an erasure has not come to this identity yet
			if err := s.finishErasing(ctx, root.User); err != nil {
				return model.Identity{}, err
			}
			continue
		}
		i, err = s.learn(ctx, app, i, unionID)
		if errors.Is(err, model.ErrStale) || errors.Is(err, model.ErrNotFound) {
			continue
		}
		if err == nil && i.Linking {
			err = s.link(ctx, i, model.CauseUnionID)
		}
		return i, err
	}
}

// claim takes the identity for the holder of its UnionID, or for a fresh id. When
// another arrival of the same identity was faster, theirs is returned.
func (s *Service) claim(ctx context.Context, app App, openID, unionID string) (model.Identity, error) {
	userID, err := s.IDs.New()
	if err != nil {
		return model.Identity{}, err
	}
	i := model.Identity{
		AppID: app.ID, OpenID: openID, UserID: userID, Kind: app.Kind,
		OpenPlatform: app.OpenPlatform, UnionID: unionID, CreatedAt: s.now(),
	}
	var key model.UnionKey
	if key, i.Linking = i.Union(); i.Linking {
		held, err := s.Store.Union(ctx, key)
		if err == nil {
			var holder root
			if holder, err = s.root(ctx, held.UserID); err == nil && !holder.erased() {
				i.UserID = held.UserID // not the survivor's: should the merge be taken back, it goes with its UnionID
			}
		}
		if err != nil && !errors.Is(err, model.ErrNotFound) {
			return model.Identity{}, err
		}
	}
	stored, _, err := s.Store.ClaimIdentity(ctx, i)
	return stored, err
}

// learn records a UnionID that arrived later than its identity, or under another
// open-platform account than before because the configuration changed.
//
// Errors: model.ErrStale, model.ErrNotFound: the identity changed meanwhile.
func (s *Service) learn(ctx context.Context, app App, i model.Identity, unionID string) (model.Identity, error) {
	switch {
	case unionID == "", i.UnionID == unionID && i.OpenPlatform == app.OpenPlatform:
		return i, nil
	case i.UnionID != "" && i.OpenPlatform == app.OpenPlatform:
		return i, s.dispute(ctx, i, unionID)
	}
	i.UnionID, i.OpenPlatform = unionID, app.OpenPlatform
	_, i.Linking = i.Union()
	if err := s.Store.ReplaceIdentity(ctx, i); err != nil {
		return i, err
	}
	i.Version++
	return i, nil
}

// link joins the user of an identity with the holder of its UnionID, then takes the
// Linking mark off. It looks again after each merge: while that was written, an unmerge
// may have cut the holder off, or given the UnionID to the other side.
func (s *Service) link(ctx context.Context, i model.Identity, cause model.MergeCause) error {
	for key, ok := i.Union(); ; {
		own, err := s.root(ctx, i.UserID)
		if err != nil {
			return err
		}
		if own.erased() {
			return s.finishErasing(ctx, own.User)
		}
		if !ok {
			break
		}
		holder, err := s.holder(ctx, key, i.UserID)
		if err != nil {
			return err
		}
		other, err := s.root(ctx, holder)
		if err != nil {
			return err
		}
		if own.ID == other.ID {
			if other.erased() { // since: then the UnionID was claimed for nobody
				continue
			}
			break
		}
		if err := s.merge(ctx, i.UserID, holder, model.Merge{Cause: cause, By: i.Key(), Union: key}); err != nil {
			return err
		}
	}
	if !i.Linking {
		return nil
	}
	i.Linking = false
	err := s.Store.ReplaceIdentity(ctx, i)
	if errors.Is(err, model.ErrStale) || errors.Is(err, model.ErrNotFound) {
		return nil // whoever changed it left the mark as it must be
	}
	return err
}

// holder returns who holds a union, which is userID when nobody did. What an erased
// user held is free.
func (s *Service) holder(ctx context.Context, key model.UnionKey, userID string) (string, error) {
	for {
		held, _, err := s.Store.ClaimUnion(ctx, model.Union{
			OpenPlatform: key.OpenPlatform, UnionID: key.UnionID, UserID: userID, CreatedAt: s.now(),
		})
		if err != nil {
			return "", err
		}
		root, err := s.root(ctx, held.UserID)
		if err != nil || !root.erased() {
			return held.UserID, err
		}
		held.UserID = userID
		err = s.Store.ReplaceUnion(ctx, held)
		if err == nil {
			return userID, nil
		}
		if !errors.Is(err, model.ErrStale) && !errors.Is(err, model.ErrNotFound) {
			return "", err
		}
	}
}

// merge makes a and b one user, unless one of them is erased: an erased user joins nobody.
func (s *Service) merge(ctx context.Context, a, b string, why model.Merge) error {
	for {
		loser, err := s.root(ctx, a)
		if err != nil {
			return err
		}
		survivor, err := s.root(ctx, b)
		if err != nil || loser.ID == survivor.ID || loser.erased() || survivor.erased() {
			return err
		}
		if survivor.loses(loser) {
			loser, survivor = survivor, loser
		}
		done, err := s.join(ctx, loser, survivor, why)
		if err != nil {
			return err
		}
		if done {
			return s.settle(ctx, loser.ID)
		}
	}
}

// settle takes the Unsettled mark off a user once everybody who is part of one who is
// erased is erased as well. The write that merges sets the mark, for it looks at the
// loser alone: if the survivor is erased meanwhile, that erasure did not see the loser.
func (s *Service) settle(ctx context.Context, id string) error {
	for {
		u, err := s.Store.User(ctx, id)
		if err != nil || !u.Unsettled {
			return err
		}
		r, err := s.root(ctx, id)
		if err != nil {
			return err
		}
		if r.erased() {
			return s.finishErasing(ctx, r.User)
		}
		u.Unsettled = false
		if err := s.Store.ReplaceUser(ctx, u); !errors.Is(err, model.ErrStale) {
			return err
		}
	}
}

// loses tells which of two roots points at the other.
func (r root) loses(other root) bool {
	if r.born != other.born {
		return !r.born
	}
	return r.ID > other.ID
}

// join points the loser at the survivor, with the journal entry and the event, in one
// write. It reports false when the loser changed meanwhile.
func (s *Service) join(ctx context.Context, loser, survivor root, why model.Merge) (bool, error) {
	before, err := s.person(ctx, loser.User)
	if err != nil {
		return false, err
	}
	with, err := s.person(ctx, survivor.User)
	if err != nil {
		return false, err
	}
	why.Into, why.At = survivor.ID, s.now()
	why.Loser, why.Survivor = keysOf(before.Identities), keysOf(with.Identities)
	if !loser.born {
		why.Cause = model.CauseBirth
		return s.Store.InsertUser(ctx, model.User{
			ID: loser.ID, CreatedAt: loser.CreatedAt, MergedInto: survivor.ID, Merges: []model.Merge{why}, Unsettled: true,
		})
	}
	u := loser.User
	u.MergedInto, u.Merges, u.Unsettled = survivor.ID, append(u.Merges, why), true
	event, err := s.event(model.EventUserMerged, u.ID, MergedView{UserView: View(with.joined(before)), MergedUserID: u.ID})
	if err != nil {
		return false, err
	}
	u.Outbox = append(u.Outbox, event)
	err = s.Store.ReplaceUser(ctx, u)
	if errors.Is(err, model.ErrStale) {
		return false, nil
	}
	if err == nil {
		s.Log.InfoContext(ctx, "two users are one person and were merged", "user_id", u.ID, "into", survivor.ID, "cause", string(why.Cause))
		s.OnEvent()
	}
	return err == nil, err
}

// announce makes the record of the root of an id, with the event that tells of it,
// unless it is there. It reports whether this call made it.
func (s *Service) announce(ctx context.Context, userID string) (root, bool, error) {
	for {
		r, err := s.root(ctx, userID)
		if err != nil || r.born {
			return r, false, err
		}
		p, err := s.person(ctx, r.User)
		if err != nil {
			return r, false, err
		}
		event, err := s.event(model.EventUserCreated, r.ID, View(p))
		if err != nil {
			return r, false, err
		}
		r.Outbox = []model.Event{event}
		created, err := s.Store.InsertUser(ctx, r.User)
		if err != nil {
			return r, false, err
		}
		if created {
			r.born, r.Version = true, 1
			s.OnEvent()
			return r, true, nil
		}
	}
}

// root is the user that an id answers with. An id without a record is a root that is
// not born.
type root struct {
	model.User
	born bool
}

func (r root) erased() bool { return !r.ErasedAt.IsZero() }

// deepest is far more merges than a person ever has; a forest that goes on longer is
// not one.
const deepest = 10_000

func (s *Service) root(ctx context.Context, id string) (root, error) {
	for range deepest {
		u, err := s.Store.User(ctx, id)
		if errors.Is(err, model.ErrNotFound) {
			at, err := model.TimeOfID(id)
			return root{User: model.User{ID: id, CreatedAt: at}}, err
		}
		if err != nil || u.MergedInto == "" {
			return root{u, true}, err
		}
		id = u.MergedInto
	}
	return root{}, fmt.Errorf("identity: user %s is merged into itself", id)
}
