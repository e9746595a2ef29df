package identity_test

import (
	"context"
	"strings"

	"wxhub/identity"
	"wxhub/model"
)

// gated is a store with somebody at the gate, who is handed each call of the service and
// makes it when, and if, they like.
type gated struct {
	identity.Store
	gate func(call string, make func() error) error
}

// writes tells the calls that change something from those that only look.
func writes(call string) bool {
	for _, prefix := range []string{"Claim", "Insert", "Replace", "Delete", "Add"} {
		if strings.HasPrefix(call, prefix) {
			return true
		}
	}
	return false
}

func one[T any](g *gated, call string, f func() (T, error)) (v T, err error) {
	err = g.gate(call, func() (err error) { v, err = f(); return err })
	return v, err
}

func two[T, U any](g *gated, call string, f func() (T, U, error)) (v T, u U, err error) {
	err = g.gate(call, func() (err error) { v, u, err = f(); return err })
	return v, u, err
}

func (g *gated) ClaimIdentity(ctx context.Context, i model.Identity) (model.Identity, bool, error) {
	return two(g, "ClaimIdentity", func() (model.Identity, bool, error) { return g.Store.ClaimIdentity(ctx, i) })
}

func (g *gated) Identity(ctx context.Context, k model.IdentityKey) (model.Identity, error) {
	return one(g, "Identity", func() (model.Identity, error) { return g.Store.Identity(ctx, k) })
}

func (g *gated) ReplaceIdentity(ctx context.Context, i model.Identity) error {
	return g.gate("ReplaceIdentity", func() error { return g.Store.ReplaceIdentity(ctx, i) })
}

func (g *gated) DeleteIdentity(ctx context.Context, i model.Identity) error {
	return g.gate("DeleteIdentity", func() error { return g.Store.DeleteIdentity(ctx, i) })
}

func (g *gated) IdentitiesOf(ctx context.Context, ids ...string) ([]model.Identity, error) {
	return one(g, "IdentitiesOf", func() ([]model.Identity, error) { return g.Store.IdentitiesOf(ctx, ids...) })
}

func (g *gated) LinkingIdentities(ctx context.Context, n int) ([]model.Identity, error) {
	return one(g, "LinkingIdentities", func() ([]model.Identity, error) { return g.Store.LinkingIdentities(ctx, n) })
}

func (g *gated) InsertUser(ctx context.Context, u model.User) (bool, error) {
	return one(g, "InsertUser", func() (bool, error) { return g.Store.InsertUser(ctx, u) })
}

func (g *gated) User(ctx context.Context, id string) (model.User, error) {
	return one(g, "User", func() (model.User, error) { return g.Store.User(ctx, id) })
}

func (g *gated) ReplaceUser(ctx context.Context, u model.User) error {
	return g.gate("ReplaceUser", func() error { return g.Store.ReplaceUser(ctx, u) })
}

func (g *gated) MergedInto(ctx context.Context, ids ...string) ([]model.User, error) {
	return one(g, "MergedInto", func() ([]model.User, error) { return g.Store.MergedInto(ctx, ids...) })
}

func (g *gated) UnsettledUsers(ctx context.Context, n int) ([]model.User, error) {
	return one(g, "UnsettledUsers", func() ([]model.User, error) { return g.Store.UnsettledUsers(ctx, n) })
}

func (g *gated) ClaimUnion(ctx context.Context, u model.Union) (model.Union, bool, error) {
	return two(g, "ClaimUnion", func() (model.Union, bool, error) { return g.Store.ClaimUnion(ctx, u) })
}

func (g *gated) Union(ctx context.Context, k model.UnionKey) (model.Union, error) {
	return one(g, "Union", func() (model.Union, error) { return g.Store.Union(ctx, k) })
}

func (g *gated) ReplaceUnion(ctx context.Context, u model.Union) error {
	return g.gate("ReplaceUnion", func() error { return g.Store.ReplaceUnion(ctx, u) })
}

func (g *gated) UnionsOf(ctx context.Context, ids ...string) ([]model.Union, error) {
	return one(g, "UnionsOf", func() ([]model.Union, error) { return g.Store.UnionsOf(ctx, ids...) })
}

func (g *gated) DeleteUnion(ctx context.Context, u model.Union) error {
	return g.gate("DeleteUnion", func() error { return g.Store.DeleteUnion(ctx, u) })
}

func (g *gated) AddConflict(ctx context.Context, c model.Conflict) (bool, error) {
	return one(g, "AddConflict", func() (bool, error) { return g.Store.AddConflict(ctx, c) })
}

func (g *gated) Conflict(ctx context.Context, id string) (model.Conflict, error) {
	return one(g, "Conflict", func() (model.Conflict, error) { return g.Store.Conflict(ctx, id) })
}

func (g *gated) ReplaceConflict(ctx context.Context, c model.Conflict) error {
	return g.gate("ReplaceConflict", func() error { return g.Store.ReplaceConflict(ctx, c) })
}

func (g *gated) DeleteConflicts(ctx context.Context, k model.IdentityKey) error {
	return g.gate("DeleteConflicts", func() error { return g.Store.DeleteConflicts(ctx, k) })
}
