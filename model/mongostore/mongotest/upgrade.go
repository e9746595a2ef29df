package mongotest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"wxhub/model"
	"wxhub/model/mongostore"
	"wxhub/model/storetest"
)

// oldDocuments reads and changes documents as they were written before users could be
// merged and identities changed.
func oldDocuments(t *testing.T, uri string) {
	insertOld(t, uri)
	s := open(t, uri)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	oldUser(t, s)
	oldIdentity(t, s)
}

func insertOld(t *testing.T, uri string) {
	ctx := context.Background()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	_, name, _ := strings.Cut(uri, "/wxhub_test_")
	name, _, _ = strings.Cut(name, "?")
	db := client.Database("wxhub_test_" + name)
	_, err = db.Collection("users").InsertOne(ctx, bson.D{
		{Key: "_id", Value: "user-1"}, {Key: "version", Value: int64(3)}, {Key: "phone", Value: "8613800000000"},
		{Key: "created_at", Value: storetest.Epoch()}, {Key: "has_outbox", Value: false},
	})
	if err == nil {
		_, err = db.Collection("identities").InsertOne(ctx, bson.D{
			{Key: "_id", Value: "wx1:open-1"}, {Key: "app_id", Value: "wx1"}, {Key: "open_id", Value: "open-1"},
			{Key: "user_id", Value: "user-1"}, {Key: "kind", Value: "mini_program"}, {Key: "open_platform", Value: "main"},
			{Key: "union_id", Value: "union-1"}, {Key: "created_at", Value: storetest.Epoch()},
		})
	}
	if err := errors.Join(err, client.Disconnect(ctx)); err != nil {
		t.Fatalf("insert: %v", err)
	}
}

func oldUser(t *testing.T, s *mongostore.Store) {
	ctx := context.Background()
	want := model.User{ID: "user-1", Phone: "8613800000000", CreatedAt: storetest.Epoch(), Version: 3}
	if got, err := s.ListUsers(ctx, "", 10); err != nil || !reflect.DeepEqual(got, []model.User{want}) {
		t.Errorf("users of their own, error %v:\n got %+v\nwant %+v", err, got, want)
	}
	if got, err := s.UnsettledUsers(ctx, 10); err != nil || len(got) != 0 {
		t.Errorf("unsettled: %+v, error %v", got, err)
	}
	want.MergedInto = "user-0"
	if err := s.ReplaceUser(ctx, want); err != nil {
		t.Errorf("replace: %v", err)
	}
	if got, err := s.MergedInto(ctx, "user-0"); err != nil || len(got) != 1 || got[0].Version != 4 {
		t.Errorf("merged: %+v, error %v", got, err)
	}
	if got, err := s.ListUsers(ctx, "", 10); err != nil || len(got) != 0 {
		t.Errorf("users of their own after the merge: %+v, error %v", got, err)
	}
}

func oldIdentity(t *testing.T, s *mongostore.Store) {
	ctx := context.Background()
	want := model.Identity{
		AppID: "wx1", OpenID: "open-1", UserID: "user-1", Kind: model.MiniProgram, OpenPlatform: "main", UnionID: "union-1",
		CreatedAt: storetest.Epoch(), Version: 1,
	}
	if got, err := s.Identity(ctx, want.Key()); err != nil || got != want {
		t.Errorf("identity, error %v:\n got %+v\nwant %+v", err, got, want)
	}
	if got, created, err := s.ClaimIdentity(ctx, want); err != nil || created || got != want {
		t.Errorf("claim: created %v, error %v, got %+v", created, err, got)
	}
	for _, version := range []int64{0, 2} {
		other := want
		other.Version = version
		if err := s.ReplaceIdentity(ctx, other); !errors.Is(err, model.ErrStale) {
			t.Errorf("replace version %d: got %v, want ErrStale", version, err)
		}
	}
	want.Linking = true
	if err := s.ReplaceIdentity(ctx, want); err != nil {
		t.Errorf("replace: %v", err)
	}
	if err := s.ReplaceIdentity(ctx, want); !errors.Is(err, model.ErrStale) {
		t.Errorf("replace again: got %v, want ErrStale", err)
	}
	want.Version = 2
	if got, err := s.LinkingIdentities(ctx, 10); err != nil || !reflect.DeepEqual(got, []model.Identity{want}) {
		t.Errorf("linking, error %v: %+v", err, got)
	}
}
