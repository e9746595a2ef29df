package pay_test

import (
	"context"
	"slices"
	"testing"

	"wxhub/model"
	"wxhub/pay"
)

// merging is people of whom some were merged into others.
type merging struct {
	people
	into map[string]string
	away error // of every question who somebody is
}

func (m *merging) Survivor(ctx context.Context, id string) (string, error) {
	if m.away != nil {
		return "", m.away
	}
	for m.into[id] != "" {
		id = m.into[id]
	}
	return id, m.CheckUser(ctx, id)
}

func (m *merging) EveryID(ctx context.Context, id string) ([]string, error) {
	root, err := m.Survivor(ctx, id)
	ids := []string{root}
	for merged := range m.into {
		if r, _ := m.Survivor(ctx, merged); r == root {
			ids = append(ids, merged)
		}
	}
	return ids, err
}

func (m *merging) OpenID(ctx context.Context, id, app string) (string, error) {
	root, err := m.Survivor(ctx, id)
	if err != nil {
		return "", err
	}
	return m.people.OpenID(ctx, root, app)
}

// mergedWorld has an order made for each of alice, who will be merged into bob, and bob.
func mergedWorld(t *testing.T) (w *world, m *merging, of map[string]model.Order) {
	t.Helper()
	w = newWorld(t)
	m = &merging{people: people{alice: {appOne: "o-a1"}, bob: {appOne: "o-b1"}}, into: map[string]string{}}
	w.Payers = m
	of = map[string]model.Order{}
	for _, who := range []string{alice, bob} {
		of[who] = w.create(t, func(r *pay.CreateRequest) { r.UserID = who })
	}
	return w, m, of
}

func (w *world) stored(t *testing.T, id string) model.Order {
	t.Helper()
	o, err := w.store.Order(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (w *world) listOf(t *testing.T, user string) (ids []string) {
	t.Helper()
	orders, err := w.ListOf(context.Background(), user, model.OrderFilter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	slices.Sort(ids)
	return ids
}
