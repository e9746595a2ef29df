package identity

import (
	"context"
	"errors"
	"slices"

	"wxhub/model"
)

var (
	errNotMerged = model.NewError(model.KindConflict, "not_merged", "this user is not merged into another")
	errTied      = model.NewError(model.KindConflict, "unmerge_tied", "identities that arrived later report one UnionID on both sides, so WeChat says that this is one person")
	errErased    = model.NewError(model.KindConflict, "user_erased", "the personal data of this user are erased, so there is nothing to tell the two apart")
)

// Unmerge takes back the merge that made userID part of another user. It forgets the
// UnionID on the identity whose arrival joined the two; should WeChat report it for
// that identity again, they are joined again. Doing it again after a crash finishes it;
// not_merged then says that it is done.
//
// Errors: user_not_found, not_merged, unmerge_tied, user_erased; model.ErrStale when
// others kept changing the same records: try again.
func (s *Service) Unmerge(ctx context.Context, userID string) error {
	var err error
	for range patience {
		if err = s.unmerge(ctx, userID); !errors.Is(err, model.ErrStale) {
			return err
		}
	}
	return err
}

// patience is how often an operator's command begins again when somebody else changes
// the same records.
const patience = 10

func (s *Service) unmerge(ctx context.Context, userID string) error {
	u, err := s.Store.User(ctx, userID)
	if errors.Is(err, model.ErrNotFound) {
		return errNoUser
	}
	if err != nil {
		return err
	}
	if n := len(u.Merges); n > 0 && u.MergedInto == "" { // it may have died before it linked everybody again
		if err := s.relink(ctx, u.ID, u.Merges[n-1].Into); err != nil {
			return err
		}
		return errNotMerged
	}
	at := slices.IndexFunc(u.Merges, func(m model.Merge) bool { return m.UndoneAt.IsZero() })
	if u.MergedInto == "" || at < 0 || u.Merges[at].Cause == model.CauseBirth {
		return errNotMerged
	}
	split, err := s.divide(ctx, u)
	if err != nil {
		return err
	}
	why := u.Merges[at]
	if split.tied(why) {
		return errTied
	}
	if err := s.forgetCause(ctx, why); err != nil {
		return err
	}
	if err := s.shareOut(ctx, split, why); err != nil {
		return err
	}
	u.MergedInto, u.Merges[at].UndoneAt = "", s.now()
	event, err := s.event(model.EventUserUnmerged, u.ID, map[string]string{"id": u.ID, "unmerged_from": split.rest.ID})
	if err != nil {
		return err
	}
	u.Outbox = append(u.Outbox, event)
	if err := s.Store.ReplaceUser(ctx, u); err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "audit: a merge is taken back", "user_id", u.ID, "from", split.rest.ID)
	s.OnEvent()
	return s.relink(ctx, u.ID, split.rest.ID)
}

// division is a person cut in two at one pointer.
type division struct {
	part, rest     root             // who will answer for each side
	ofPart, ofRest []model.Identity // theirs
	ids            []string         // of all users
}

func (s *Service) divide(ctx context.Context, u model.User) (d division, err error) {
	if d.rest, err = s.root(ctx, u.ID); err != nil {
		return d, err
	}
	if d.rest.erased() {
		return d, errErased
	}
	d.part = root{u, true}
	all, err := s.tree(ctx, d.rest.User)
	if err != nil {
		return d, err
	}
	some, err := s.tree(ctx, u)
	if err != nil {
		return d, err
	}
	d.ids = idsOf(all)
	mine := idsOf(some)
	identities, err := s.Store.IdentitiesOf(ctx, d.ids...)
	for _, i := range identities {
		if slices.Contains(mine, i.UserID) {
			d.ofPart = append(d.ofPart, i)
		} else {
			d.ofRest = append(d.ofRest, i)
		}
	}
	return d, err
}

// tied reports whether the sides share a UnionID even without the identity that joined them.
func (d division) tied(why model.Merge) bool {
	for _, a := range d.ofPart {
		key, ok := a.Union()
		if !ok || joinedBy(why, a) {
			continue
		}
		if slices.ContainsFunc(d.ofRest, func(b model.Identity) bool { return carries(b, key) && !joinedBy(why, b) }) {
			return true
		}
	}
	return false
}

// joinedBy reports whether an identity is the one whose arrival caused a merge, and
// still carries what did.
func joinedBy(why model.Merge, i model.Identity) bool {
	return i.Key() == why.By && carries(i, why.Union)
}

func carries(i model.Identity, key model.UnionKey) bool {
	k, ok := i.Union()
	return ok && k == key
}

// forgetCause takes the UnionID off the identity that joined the two.
func (s *Service) forgetCause(ctx context.Context, why model.Merge) error {
	i, err := s.Store.Identity(ctx, why.By)
	if err != nil || !joinedBy(why, i) {
		return unlessGone(err)
	}
	i.UnionID, i.Linking = "", false
	return unlessGone(s.Store.ReplaceIdentity(ctx, i))
}

// shareOut gives each UnionID to the side whose identities carry it. As long as both
// sides have one root, that changes nothing.
func (s *Service) shareOut(ctx context.Context, d division, why model.Merge) error {
	unions, err := s.Store.UnionsOf(ctx, d.ids...)
	if err != nil {
		return err
	}
	for _, held := range unions {
		key := model.UnionKey{OpenPlatform: held.OpenPlatform, UnionID: held.UnionID}
		has := func(i model.Identity) bool { return carries(i, key) && !joinedBy(why, i) }
		side := ""
		switch {
		case slices.ContainsFunc(d.ofPart, has):
			side = d.part.ID
		case slices.ContainsFunc(d.ofRest, has):
			side = d.rest.ID
		}
		if side == "" || held.UserID == side {
			continue
		}
		held.UserID = side
		if err := unlessGone(s.Store.ReplaceUnion(ctx, held)); err != nil {
			return err
		}
	}
	return nil
}

// relink links everybody of these users again: a login may have tied the two sides
// while they were being separated.
func (s *Service) relink(ctx context.Context, userIDs ...string) error {
	for _, id := range userIDs {
		r, err := s.root(ctx, id)
		if err != nil {
			return err
		}
		p, err := s.person(ctx, r.User)
		if err != nil {
			return err
		}
		for _, i := range p.Identities {
			if err := s.link(ctx, i, model.CauseUnionID); err != nil {
				return err
			}
		}
	}
	return nil
}
