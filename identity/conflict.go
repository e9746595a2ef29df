package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"wxhub/model"
)

// Resolution is what an operator makes of a conflict.
type Resolution string

// The resolutions.
const (
	Keep  Resolution = "keep"  // the UnionID on record stands
	Adopt Resolution = "adopt" // the reported UnionID takes its place, and its holder is the same person
)

var (
	errConflictDone = model.NewError(model.KindConflict, "conflict_resolved", "this conflict was resolved already")
	errMovedOn      = model.NewError(model.KindConflict, "conflict_outdated", "the identity has another UnionID by now; look at its newer conflict")
)

// dispute records that an openid reports another UnionID than the one on record.
// Nothing else changes.
func (s *Service) dispute(ctx context.Context, i model.Identity, reported string) error {
	c := model.Conflict{
		AppID: i.AppID, OpenID: i.OpenID, OpenPlatform: i.OpenPlatform, Recorded: i.UnionID, Reported: reported,
		UserID: i.UserID, Status: model.ConflictOpen, CreatedAt: s.now(),
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{c.AppID, c.OpenID, c.OpenPlatform, c.Recorded, c.Reported}, "\x00")))
	c.ID = hex.EncodeToString(sum[:12])
	created, err := s.Store.AddConflict(ctx, c)
	if created {
		s.Log.WarnContext(ctx, "an openid reports another UnionID than before; nothing is merged until an operator decides: wxhub users resolve",
			"conflict", c.ID, "user_id", i.UserID, "app_id", i.AppID)
	}
	return err
}

// Resolve carries out what an operator decided. Doing it again after a crash finishes it.
//
// Errors: model.ErrNotFound, conflict_resolved, conflict_outdated.
func (s *Service) Resolve(ctx context.Context, conflictID string, r Resolution) error {
	c, err := s.Store.Conflict(ctx, conflictID)
	if err != nil {
		return err
	}
	if c.Status != model.ConflictOpen {
		return errConflictDone
	}
	c.Status = model.ConflictKept
	if r == Adopt {
		c.Status = model.ConflictAdopted
		if err := s.adopt(ctx, c); err != nil {
			return err
		}
	}
	c.ResolvedAt = s.now()
	err = s.Store.ReplaceConflict(ctx, c)
	if errors.Is(err, model.ErrStale) {
		return errConflictDone
	}
	if err == nil {
		s.Log.InfoContext(ctx, "audit: a UnionID conflict is resolved", "conflict", c.ID, "as", string(c.Status))
	}
	return err
}

// adopt records the reported UnionID, joins its holder, and gives the old one up.
func (s *Service) adopt(ctx context.Context, c model.Conflict) error {
	i, err := s.Store.Identity(ctx, model.IdentityKey{AppID: c.AppID, OpenID: c.OpenID})
	if err != nil {
		return err
	}
	switch {
	case i.OpenPlatform == c.OpenPlatform && i.UnionID == c.Reported: // a crash came between this and the rest
	case i.OpenPlatform == c.OpenPlatform && i.UnionID == c.Recorded:
		i.UnionID = c.Reported
		_, i.Linking = i.Union()
		if err := s.Store.ReplaceIdentity(ctx, i); err != nil {
			return err
		}
		i.Version++
	default:
		return errMovedOn
	}
	if err := s.link(ctx, i, model.CauseOperator); err != nil {
		return err
	}
	return s.release(ctx, i.UserID)
}
