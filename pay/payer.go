package pay

import (
	"context"

	"wxhub/model"
)

// Payers knows people. identity.Service is one.
type Payers interface {
	// CheckUser returns an error of model.KindNotFound when there is no such user.
	CheckUser(ctx context.Context, userID string) error
	// OpenID returns the openid of a user in an app, or an error with the code
	// payer_has_no_openid when the user never came through that app.
	OpenID(ctx context.Context, userID, appID string) (string, error)
	// Survivor returns the user that an id answers with, which is the id itself unless
	// it was merged into another; an error of model.KindNotFound when there is none.
	Survivor(ctx context.Context, userID string) (string, error)
	// EveryID returns every id that a user answers to; the same error.
	EveryID(ctx context.Context, userID string) ([]string, error)
}

// An order keeps the id of the user that it was made with, also when that user is merged
// into another; so it goes back with them when the merge is taken back. Everything that
// is asked or told about it says the survivor.

// survivor is the user that an order's user answers with.
func (s *Service) survivor(ctx context.Context, userID string) (string, error) {
	if userID == "" {
		return "", nil
	}
	id, err := s.Payers.Survivor(ctx, userID)
	if err != nil && model.AsError(err).Kind == model.KindNotFound {
		return userID, nil
	}
	return id, err
}

// SamePerson reports whether two user ids are one person.
func (s *Service) SamePerson(ctx context.Context, a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	a, err := s.survivor(ctx, a)
	if err != nil {
		return false, err
	}
	b, err = s.survivor(ctx, b)
	return a == b, err
}

// ListOf returns the orders of one person, whichever of their ids is given, newest
// first, at most f.Limit. A user that is not known has none.
func (s *Service) ListOf(ctx context.Context, userID string, f model.OrderFilter) ([]model.Order, error) {
	ids, err := s.Payers.EveryID(ctx, userID)
	if err != nil && model.AsError(err).Kind == model.KindNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f.UserIDs = ids
	return s.List(ctx, f)
}

// List returns orders, newest first, at most f.Limit.
func (s *Service) List(ctx context.Context, f model.OrderFilter) ([]model.Order, error) {
	orders, err := s.Orders.ListOrders(ctx, f)
	known := map[string]string{}
	for i, o := range orders {
		id, ok := known[o.UserID]
		if !ok {
			if id, err = s.survivor(ctx, o.UserID); err != nil {
				return nil, err
			}
			known[o.UserID] = id
		}
		orders[i].UserID = id
	}
	return orders, err
}
