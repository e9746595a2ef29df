package identity

import (
	"context"
	"errors"
	"slices"
	"time"

	"wxhub/model"
)

// Erase removes the personal data of a user, under every id they ever had, for a reason
// that the audit line gives. What was theirs and is no personal data, their orders above
// all, stays with the id. Erasing twice is no error.
//
// Errors: user_not_found.
func (s *Service) Erase(ctx context.Context, userID, reason string) error {
	u, err := s.MarkErased(ctx, userID, reason)
	if err != nil {
		return err
	}
	return s.finishErasing(ctx, u)
}

// MarkErased is the first step of Erase: from here on the id answers with nobody, and
// whatever is left is found by way of it. The repair job of a server does the rest.
//
// Errors: user_not_found.
func (s *Service) MarkErased(ctx context.Context, userID, reason string) (model.User, error) {
	for {
		r, err := s.known(ctx, userID)
		if err != nil || r.erased() {
			return r.User, err
		}
		event, err := s.event(model.EventUserErased, r.ID, map[string]string{"id": r.ID})
		if err != nil {
			return r.User, err
		}
		r.User = blank(r.User, s.now())
		r.Outbox = append(r.Outbox, event)
		err = s.Store.ReplaceUser(ctx, r.User)
		if errors.Is(err, model.ErrStale) {
			continue
		}
		if err != nil {
			return r.User, err
		}
		s.Log.InfoContext(ctx, "audit: personal data are erased", "user_id", r.ID, "reason", reason)
		s.OnEvent()
		return r.User, nil
	}
}

// Cancel erases the person behind an identity, whose WeChat account is gone.
//
// Errors: model.ErrNotFound when the openid is not known.
func (s *Service) Cancel(ctx context.Context, k model.IdentityKey, reason string) error {
	i, err := s.Store.Identity(ctx, k)
	if err != nil {
		return err
	}
	for {
		r, err := s.root(ctx, i.UserID)
		if err != nil {
			return err
		}
		if r.born {
			return s.Erase(ctx, r.ID, reason)
		}
		// Nobody ever heard of this id: it is born erased.
		r.User = blank(r.User, s.now())
		created, err := s.Store.InsertUser(ctx, r.User)
		if err != nil {
			return err
		}
		if created {
			s.Log.InfoContext(ctx, "audit: personal data are erased", "user_id", r.ID, "reason", reason)
			return s.finishErasing(ctx, r.User)
		}
	}
}

// finishErasing removes what is left of an erased root: the data of those merged into
// it, identities, conflicts, session keys, UnionIDs; and then the mark.
func (s *Service) finishErasing(ctx context.Context, u model.User) error {
	users, err := s.tree(ctx, u)
	if err != nil {
		return err
	}
	erased := users[:1:1]
	for _, merged := range users[1:] {
		ok, err := s.eraseMerged(ctx, merged.ID, u.ErasedAt)
		if err != nil {
			return err
		}
		if ok {
			erased = append(erased, merged)
		}
	}
	users = erased
	identities, err := s.Store.IdentitiesOf(ctx, idsOf(users)...)
	if err != nil {
		return err
	}
	for _, i := range identities {
		if err := s.eraseIdentity(ctx, i); err != nil {
			return err
		}
	}
	unions, err := s.Store.UnionsOf(ctx, idsOf(users)...)
	if err != nil {
		return err
	}
	for _, held := range unions {
		if err := s.Store.DeleteUnion(ctx, held); err != nil && !errors.Is(err, model.ErrStale) {
			return err
		}
	}
	for _, one := range users {
		if err := s.rewrite(ctx, one.ID, func(m model.User) model.User { m.Unsettled = false; return m }); err != nil {
			return err
		}
	}
	return nil
}

// eraseMerged blanks a user who was part of an erased one. An unmerge that had looked
// before the erasure began may have made them a user of their own since: then they are
// erased under their own id, and that is told. It reports false when they have even
// become part of somebody who lives. Those between them and the root come first: a blank
// one stays where it is.
func (s *Service) eraseMerged(ctx context.Context, id string, at time.Time) (bool, error) {
	event, err := s.event(model.EventUserErased, id, map[string]string{"id": id})
	if err != nil {
		return false, err
	}
	for {
		u, err := s.Store.User(ctx, id)
		if err != nil {
			return false, err
		}
		r, err := s.root(ctx, id)
		if err != nil {
			return false, err
		}
		if r.ID != id && !r.erased() {
			return false, nil
		}
		told := u.MergedInto == "" && u.ErasedAt.IsZero()
		if told {
			u.Outbox = append(u.Outbox, event)
		}
		err = s.Store.ReplaceUser(ctx, blank(u, at))
		if errors.Is(err, model.ErrStale) {
			continue
		}
		if err == nil && told {
			s.OnEvent()
		}
		return err == nil, err
	}
}

// eraseIdentity forgets one identity. Its successor, of the same openid and a new user, is
// not its business.
func (s *Service) eraseIdentity(ctx context.Context, i model.Identity) error {
	if err := s.Store.DeleteConflicts(ctx, i.Key()); err != nil {
		return err
	}
	if err := s.Sessions.DeleteSessionKey(ctx, i.AppID, i.OpenID); err != nil {
		return err
	}
	for {
		err := s.Store.DeleteIdentity(ctx, i)
		if !errors.Is(err, model.ErrStale) {
			return err
		}
		now, err := s.Store.Identity(ctx, i.Key())
		if errors.Is(err, model.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if now.UserID != i.UserID {
			return nil
		}
		i = now
	}
}

// Revoke forgets what a person gave an app leave to know, for a reason that the audit
// line gives: the phone number, the UnionID, the session key. The openid goes on to name
// the same user, so their orders stay theirs.
//
// Errors: model.ErrNotFound when the openid is not known.
func (s *Service) Revoke(ctx context.Context, k model.IdentityKey, reason string) error {
	i, err := s.Store.Identity(ctx, k)
	if err != nil {
		return err
	}
	r, err := s.root(ctx, i.UserID)
	if err != nil {
		return err
	}
	users, err := s.tree(ctx, r.User)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.Phone == "" {
			continue
		}
		err := s.rewrite(ctx, u.ID, func(u model.User) model.User { u.Phone, u.PhoneAt = "", time.Time{}; return u })
		if err != nil {
			return err
		}
	}
	if err := s.forgetUnion(ctx, i); err != nil {
		return err
	}
	if err := s.Store.DeleteConflicts(ctx, k); err != nil {
		return err
	}
	if err := s.Sessions.DeleteSessionKey(ctx, k.AppID, k.OpenID); err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "audit: personal data are erased", "user_id", r.ID, "app_id", k.AppID, "reason", reason)
	return nil
}

// forgetUnion takes the UnionID off an identity, and out of the store what no other
// identity of the user carries.
func (s *Service) forgetUnion(ctx context.Context, i model.Identity) error {
	for i.UnionID != "" {
		i.UnionID, i.Linking = "", false
		err := s.Store.ReplaceIdentity(ctx, i)
		if err == nil {
			break
		}
		if !errors.Is(err, model.ErrStale) {
			return unlessGone(err)
		}
		if i, err = s.Store.Identity(ctx, i.Key()); err != nil {
			return unlessGone(err)
		}
	}
	return s.release(ctx, i.UserID)
}

// release gives up the UnionIDs that a user holds and none of their identities carries:
// whoever comes with one is somebody else.
func (s *Service) release(ctx context.Context, userID string) error {
	r, err := s.root(ctx, userID)
	if err != nil {
		return err
	}
	users, err := s.tree(ctx, r.User)
	if err != nil {
		return err
	}
	identities, err := s.Store.IdentitiesOf(ctx, idsOf(users)...)
	if err != nil {
		return err
	}
	unions, err := s.Store.UnionsOf(ctx, idsOf(users)...)
	if err != nil {
		return err
	}
	for _, held := range unions {
		key := model.UnionKey{OpenPlatform: held.OpenPlatform, UnionID: held.UnionID}
		if slices.ContainsFunc(identities, func(i model.Identity) bool { return carries(i, key) }) {
			continue
		}
		if err := s.Store.DeleteUnion(ctx, held); err != nil && !errors.Is(err, model.ErrStale) {
			return err
		}
	}
	return s.relink(ctx, r.ID) // somebody may have brought it again, and found it held, before it was gone
}

// rewrite changes one user, whoever else does so at the same time.
func (s *Service) rewrite(ctx context.Context, id string, change func(model.User) model.User) error {
	for {
		u, err := s.Store.User(ctx, id)
		if errors.Is(err, model.ErrNotFound) {
			return nil // not born, so there is nothing to change
		}
		if err != nil {
			return err
		}
		err = s.Store.ReplaceUser(ctx, change(u))
		if !errors.Is(err, model.ErrStale) {
			return err
		}
	}
}

// blank is a user without personal data. Of the journal it leaves who was merged, when and why.
func blank(u model.User, at time.Time) model.User {
	u.Phone, u.PhoneAt, u.ErasedAt, u.Unsettled = "", time.Time{}, at, true
	merges := u.Merges
	u.Merges = nil
	for _, m := range merges {
		u.Merges = append(u.Merges, model.Merge{Into: m.Into, At: m.At, Cause: m.Cause, UndoneAt: m.UndoneAt})
	}
	return u
}

func unlessGone(err error) error {
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	return err
}
