package identity

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"wxhub/model"
)

// Person is a user with the identities of everybody who was merged into them.
type Person struct {
	User       model.User
	Identities []model.Identity // oldest first
}

var (
	errNoUser   = model.NewError(model.KindNotFound, "user_not_found", "there is no such user")
	errNoOpenID = model.NewError(model.KindInvalid, "payer_has_no_openid", "the user never logged in through this app, so WeChat Pay cannot charge them in it")
)

// Person returns one user; the id of a merged one returns the survivor. An erased user
// has no identities. Errors: user_not_found.
func (s *Service) Person(ctx context.Context, userID string) (Person, error) {
	r, err := s.known(ctx, userID)
	if err != nil {
		return Person{}, err
	}
	return s.person(ctx, r.User)
}

// CheckUser returns user_not_found when there is no such user, or no more.
func (s *Service) CheckUser(ctx context.Context, userID string) error {
	r, err := s.known(ctx, userID)
	if err == nil && r.erased() {
		return errNoUser
	}
	return err
}

// Survivor returns the user that an id answers with, which is the id itself unless it
// was merged. Errors: user_not_found.
func (s *Service) Survivor(ctx context.Context, userID string) (string, error) {
	r, err := s.known(ctx, userID)
	return r.ID, err
}

// EveryID returns every id that a user answers to, their own first. Errors: user_not_found.
func (s *Service) EveryID(ctx context.Context, userID string) ([]string, error) {
	users, err := s.Records(ctx, userID)
	return idsOf(users), err
}

// Records returns the records of a user and of everybody who was merged into them, with
// their journals. Errors: user_not_found.
func (s *Service) Records(ctx context.Context, userID string) ([]model.User, error) {
	r, err := s.known(ctx, userID)
	if err != nil {
		return nil, err
	}
	return s.tree(ctx, r.User)
}

// OpenID returns the openid of a user in an app: the latest, should there be several.
//
// Errors: payer_has_no_openid.
func (s *Service) OpenID(ctx context.Context, userID, appID string) (string, error) {
	p, err := s.Person(ctx, userID)
	if errors.Is(err, errNoUser) {
		return "", errNoOpenID
	}
	if err != nil {
		return "", err
	}
	for _, i := range slices.Backward(p.Identities) {
		if i.AppID == appID && i.MovedTo == (model.IdentityKey{}) {
			return i.OpenID, nil
		}
	}
	return "", errNoOpenID
}

// known returns the root of an id that a user was ever told, or user_not_found.
func (s *Service) known(ctx context.Context, userID string) (root, error) {
	if !model.ValidID(userID) {
		return root{}, errNoUser
	}
	r, err := s.root(ctx, userID)
	if err == nil && !r.born {
		return root{}, errNoUser
	}
	return r, err
}

// person gathers what belongs to a root: the identities of its tree, and the phone
// number that was verified last.
func (s *Service) person(ctx context.Context, u model.User) (Person, error) {
	users, err := s.tree(ctx, u)
	if err != nil {
		return Person{}, err
	}
	identities, err := s.Store.IdentitiesOf(ctx, idsOf(users)...)
	if err != nil || !u.ErasedAt.IsZero() {
		return Person{User: u}, err // an erasure may not have come to all of them yet
	}
	for _, other := range users[1:] {
		if other.Phone != "" && (u.Phone == "" || other.PhoneAt.After(u.PhoneAt)) {
			u.Phone, u.PhoneAt = other.Phone, other.PhoneAt
		}
	}
	return Person{User: u, Identities: identities}, nil
}

// tree returns a user and everybody who was merged into them, at any depth.
func (s *Service) tree(ctx context.Context, u model.User) ([]model.User, error) {
	users, level := []model.User{u}, []string{u.ID}
	for len(level) > 0 && len(users) < deepest {
		merged, err := s.Store.MergedInto(ctx, level...)
		if err != nil {
			return nil, err
		}
		users, level = append(users, merged...), idsOf(merged)
	}
	return users, nil
}

// joined is what two persons are together, under the id of p.
func (p Person) joined(other Person) Person {
	p.Identities = slices.Concat(p.Identities, other.Identities)
	slices.SortStableFunc(p.Identities, func(a, b model.Identity) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.AppID, b.AppID), cmp.Compare(a.OpenID, b.OpenID))
	})
	if other.User.Phone != "" && (p.User.Phone == "" || other.User.PhoneAt.After(p.User.PhoneAt)) {
		p.User.Phone, p.User.PhoneAt = other.User.Phone, other.User.PhoneAt
	}
	return p
}

func idsOf(users []model.User) []string {
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids
}

func keysOf(identities []model.Identity) []model.IdentityKey {
	var keys []model.IdentityKey
	for _, i := range identities {
		keys = append(keys, i.Key())
	}
	return keys
}
