// Package applymenttest is what every store of applications must pass: the comments of
// applyment.Store as tests.
package applymenttest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/pay/applyment"
)

// Store is the store under test.
type Store interface {
	applyment.Store
	Close() error
}

// Database opens one set of data; called again after Close it opens the same data.
type Database = storetest.Database[Store]

// Run runs the suite. Each test gets a new, empty database from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Database, o storetest.Options) {
	storetest.Run(t, fresh, Store.Close, o, []storetest.Test[Store]{
		storetest.Tests("applications", applyments),
		{Name: "due: the longest due first", Run: due},
		{Name: "list: filters, order and pages", Run: list},
	}, reopen)
}

func sample(n int) model.Applyment {
	at := storetest.Epoch()
	return model.Applyment{
		MerchantID: "1900000100", BusinessCode: "code", ShortName: fmt.Sprintf("茶 %d", n), Status: model.ApplymentRejected, ApplymentID: 1<<53 + 1,
		SubMerchantID: "1900000999", SignURL: "https://example.test/sign", Message: "已驳回", LastError: "e", RequestKey: "k", BodyHash: "h",
		Rejections: []model.ApplymentRejection{{Field: "id_card_copy", FieldName: "身份证", Reason: "不清晰"}},
		CreatedAt:  at, SubmittedAt: at.Add(time.Second), ChangedAt: at.Add(time.Minute), CheckAt: at.Add(time.Hour),
		History: []model.Step{{At: at, What: "created"}},
		Outbox:  []model.Event{{ID: "evt_1", Type: model.EventApplymentChanged, Subject: "code", Data: []byte(`{}`), CreatedAt: at}},
	}
}

func applyments(s Store) storetest.Aggregate[model.Applyment] {
	return storetest.Aggregate[model.Applyment]{
		Sample:  sample,
		Key:     func(a *model.Applyment, key string) { a.ID = key },
		Version: func(a *model.Applyment) *int64 { return &a.Version },
		Add:     s.AddApplyment,
		Read:    func(ctx context.Context, a model.Applyment) (model.Applyment, error) { return s.Applyment(ctx, a.ID) },
		Replace: s.ReplaceApplyment,
	}
}

func add(t *testing.T, s Store, a model.Applyment) {
	t.Helper()
	if created, err := s.AddApplyment(context.Background(), a); err != nil || !created {
		t.Fatalf("add %s: %v, %v", a.ID, created, err)
	}
}

func due(t *testing.T, s Store) {
	now := storetest.Epoch()
	for i, late := range []time.Duration{time.Second, time.Hour, 0, -time.Millisecond} {
		add(t, s, model.Applyment{ID: fmt.Sprintf("a-%d", i), CheckAt: now.Add(-late)})
	}
	add(t, s, model.Applyment{ID: "a-never"})
	longestFirst := []string{"a-1", "a-0", "a-2"}
	for _, limit := range []int{0, 1, 2, 100} {
		found, err := s.DueApplyments(context.Background(), now, limit)
		if want := longestFirst[:min(limit, 3)]; err != nil || !slices.Equal(ids(found), want) {
			t.Errorf("due, limit %d: got %v, want %v, error %v", limit, ids(found), want, err)
		}
	}
}

func list(t *testing.T, s Store) {
	for i, change := range []func(*model.Applyment){
		func(*model.Applyment) {},
		func(a *model.Applyment) { a.MerchantID = "1900000200" },
		func(a *model.Applyment) { a.Status = model.ApplymentFinished },
		func(*model.Applyment) {},
	} {
		a := sample(i)
		change(&a)
		a.ID = fmt.Sprintf("a-%d", i)
		add(t, s, a)
	}
	for name, c := range map[string]struct {
		f    model.ApplymentFilter
		want string
	}{
		"all":     {model.ApplymentFilter{MerchantID: "1900000100", Limit: 10}, "a-0 a-2 a-3"},
		"another": {model.ApplymentFilter{MerchantID: "1900000200", Limit: 10}, "a-1"},
		"status":  {model.ApplymentFilter{MerchantID: "1900000100", Status: model.ApplymentRejected, Limit: 10}, "a-0 a-3"},
		"page":    {model.ApplymentFilter{MerchantID: "1900000100", AfterID: "a-0", Limit: 1}, "a-2"},
		"nobody":  {model.ApplymentFilter{Limit: 10}, ""},
		"nothing": {model.ApplymentFilter{MerchantID: "1900000100"}, ""},
	} {
		found, err := s.ListApplyments(context.Background(), c.f)
		if got := strings.Join(ids(found), " "); err != nil || got != c.want {
			t.Errorf("%s: got %q, want %q, error %v", name, got, c.want, err)
		}
	}
	a := sample(0)
	a.ID, a.Version, a.Status, a.CheckAt = "a-0", 1, model.ApplymentAuditing, time.Time{}
	if err := s.ReplaceApplyment(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	found, err := s.ListApplyments(context.Background(), model.ApplymentFilter{MerchantID: "1900000100", Status: model.ApplymentAuditing, Limit: 10})
	if err != nil || !slices.Equal(ids(found), []string{"a-0"}) {
		t.Errorf("after a replacement: %v, %v", ids(found), err)
	}
	if found, err := s.DueApplyments(context.Background(), storetest.Epoch().Add(24*time.Hour), 10); err != nil || len(found) != 3 {
		t.Errorf("due after a replacement: %v, %v", ids(found), err)
	}
}

func ids(list []model.Applyment) (out []string) {
	for _, a := range list {
		out = append(out, a.ID)
	}
	return out
}

// reopen stores something, closes, and finds it again.
func reopen(t *testing.T, db Database) {
	s := db(t)
	a := sample(1)
	a.ID = "a"
	add(t, s, a)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = db(t)
	defer s.Close() //nolint:errcheck // it was read
	a.Version = 1
	if got, err := s.Applyment(context.Background(), "a"); err != nil || !storetest.Same(got, a) {
		t.Errorf("got %+v, error %v", got, err)
	}
}
