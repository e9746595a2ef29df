package identitytest

import (
	"context"
	"fmt"

	"wxhub/model"
	"wxhub/model/storetest"
)

func identities(s Store) storetest.Aggregate[model.Identity] {
	return storetest.Aggregate[model.Identity]{
		Sample: func(n int) model.Identity {
			i := sample("user-1")
			i.UnionID, i.Linking = fmt.Sprintf("union-%d", n), true
			i.MovedTo = model.IdentityKey{AppID: "wx2", OpenID: "open-2"}
			return i
		},
		Key: func(i *model.Identity, key string) {
			i.AppID, i.OpenID, i.UserID = "app of "+key, key, "user of "+key
		},
		Version: func(i *model.Identity) *int64 { return &i.Version },
		Add: func(ctx context.Context, i model.Identity) (bool, error) {
			_, created, err := s.ClaimIdentity(ctx, i)
			return created, err
		},
		Read:    func(ctx context.Context, i model.Identity) (model.Identity, error) { return s.Identity(ctx, i.Key()) },
		Replace: s.ReplaceIdentity,
		Delete:  s.DeleteIdentity,
	}
}

func users(s Store) storetest.Aggregate[model.User] {
	return storetest.Aggregate[model.User]{
		Sample: func(n int) model.User {
			u := sampleUser()
			u.Phone = fmt.Sprintf("86138%08d", n)
			return u
		},
		Key:     func(u *model.User, key string) { u.ID = key },
		Version: func(u *model.User) *int64 { return &u.Version },
		Add:     s.InsertUser,
		Read:    func(ctx context.Context, u model.User) (model.User, error) { return s.User(ctx, u.ID) },
		Replace: s.ReplaceUser,
	}
}

func unions(s Store) storetest.Aggregate[model.Union] {
	return storetest.Aggregate[model.Union]{
		Sample:  func(n int) model.Union { return sampleUnion(fmt.Sprintf("user-%d", n)) },
		Key:     func(u *model.Union, key string) { u.OpenPlatform, u.UnionID = "platform of "+key, key },
		Version: func(u *model.Union) *int64 { return &u.Version },
		Add: func(ctx context.Context, u model.Union) (bool, error) {
			_, created, err := s.ClaimUnion(ctx, u)
			return created, err
		},
		Read:    func(ctx context.Context, u model.Union) (model.Union, error) { return s.Union(ctx, keyOf(u)) },
		Replace: s.ReplaceUnion,
		Delete:  s.DeleteUnion,
	}
}

func conflicts(s Store) storetest.Aggregate[model.Conflict] {
	return storetest.Aggregate[model.Conflict]{
		Sample: func(n int) model.Conflict {
			c := sampleConflict("")
			c.Reported = fmt.Sprintf("union-%d", n)
			return c
		},
		Key:     func(c *model.Conflict, key string) { c.ID = key },
		Version: func(c *model.Conflict) *int64 { return &c.Version },
		Add:     s.AddConflict,
		Read:    func(ctx context.Context, c model.Conflict) (model.Conflict, error) { return s.Conflict(ctx, c.ID) },
		Replace: s.ReplaceConflict,
	}
}
