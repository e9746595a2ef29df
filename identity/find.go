package identity

import (
	"context"
	"errors"

	"wxhub/model"
)

var errAmbiguous = model.NewError(model.KindConflict, "union_id_ambiguous", "two open-platform accounts have this union_id and they are not the same person; add open_platform")

// FindByUnionID returns the user who holds a UnionID, in one open-platform account or,
// when that is "", in whichever has it.
//
// Errors: user_not_found, union_id_ambiguous.
func (s *Service) FindByUnionID(ctx context.Context, openPlatform, unionID string) (Person, error) {
	accounts := map[string]bool{openPlatform: true}
	if openPlatform == "" {
		accounts = map[string]bool{}
		for _, a := range s.Apps {
			accounts[a.OpenPlatform] = a.OpenPlatform != ""
		}
	}
	found, err := Person{}, error(errNoUser)
	for account, ok := range accounts {
		if !ok {
			continue
		}
		held, failure := s.Store.Union(ctx, model.UnionKey{OpenPlatform: account, UnionID: unionID})
		if errors.Is(failure, model.ErrNotFound) {
			continue
		}
		if failure != nil {
			return Person{}, failure
		}
		p, failure := s.Person(ctx, held.UserID)
		switch {
		case errors.Is(failure, errNoUser): // a follower who never logged in
		case failure != nil:
			return Person{}, failure
		case err == nil && p.User.ID != found.User.ID:
			return Person{}, errAmbiguous
		default:
			found, err = p, nil
		}
	}
	return found, err
}

// List returns users of their own, newest first, after a cursor; "" begins. The second
// result is the cursor of the next page, "" after the last.
func (s *Service) List(ctx context.Context, before string, limit int) ([]Person, string, error) {
	users, err := s.Store.ListUsers(ctx, before, limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(users) > limit {
		users = users[:limit]
		next = users[limit-1].ID
	}
	var people []Person
	for _, u := range users {
		p, err := s.person(ctx, u)
		if err != nil {
			return nil, "", err
		}
		people = append(people, p)
	}
	return people, next, nil
}
