package identity

import (
	"context"
	"errors"

	"wxhub/model"
	"wxhub/wx"
)

// Moved records what an account migration made of openids: the new one names the same
// user, and the old one stays as an alias. It returns how many were new. Doing it again
// changes nothing.
//
// Errors: invalid_input when the new app is not configured.
func (s *Service) Moved(ctx context.Context, fromAppID, toAppID string, list []wx.Moved) (int, error) {
	app, ok := s.apps[toAppID]
	if !ok {
		return 0, model.InvalidField("app_id", "is not configured here")
	}
	moved := 0
	for _, m := range list {
		if m.NewOpenID == "" {
			continue
		}
		old, err := s.Store.Identity(ctx, model.IdentityKey{AppID: fromAppID, OpenID: m.OldOpenID})
		if errors.Is(err, model.ErrNotFound) {
			continue
		}
		if err != nil {
			return moved, err
		}
		to := model.IdentityKey{AppID: toAppID, OpenID: m.NewOpenID}
		if old.MovedTo == to {
			continue
		}
		if err := s.move(ctx, app, old, to); err != nil {
			return moved, err
		}
		moved++
	}
	return moved, nil
}

// move makes the new openid the old one's user, then marks the old one: a crash in
// between is finished by the next run. A new identity is marked Linking, because its user
// may be erased meanwhile: whoever finds the mark sees to that.
func (s *Service) move(ctx context.Context, app App, old model.Identity, to model.IdentityKey) error {
	stored, _, err := s.Store.ClaimIdentity(ctx, model.Identity{
		AppID: to.AppID, OpenID: to.OpenID, UserID: old.UserID, Kind: app.Kind, OpenPlatform: app.OpenPlatform,
		Linking: true, CreatedAt: s.now(),
	})
	if err != nil {
		return err
	}
	if err := s.merge(ctx, old.UserID, stored.UserID, model.Merge{Cause: model.CauseMigration, By: to}); err != nil {
		return err
	}
	if err := s.link(ctx, stored, model.CauseUnionID); err != nil {
		return err
	}
	for {
		old.MovedTo = to
		err := s.Store.ReplaceIdentity(ctx, old)
		if !errors.Is(err, model.ErrStale) {
			return unlessGone(err)
		}
		if old, err = s.Store.Identity(ctx, old.Key()); err != nil {
			return unlessGone(err)
		}
	}
}
