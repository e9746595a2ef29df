package identitytest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

// sampleUser is a user with something in every field, as it is stored.
func sampleUser() model.User {
	at := storetest.Epoch()
	return model.User{
		ID: "user-1", Phone: "8613800000000", PhoneAt: at.Add(time.Minute), CreatedAt: at,
		MergedInto: "user-0", Merges: []model.Merge{sampleMerge("user-9", at.Add(time.Hour)), sampleMerge("user-0", time.Time{})},
		ErasedAt: at.Add(2 * time.Hour), Unsettled: true, Version: 1,
		Outbox: []model.Event{{
			ID: "event-1", Type: model.EventUserCreated, Subject: "user-1", Data: []byte(`{"id": "user-1"}`), CreatedAt: at,
		}},
	}
}

func sampleMerge(into string, undone time.Time) model.Merge {
	return model.Merge{
		Into: into, At: storetest.Epoch().Add(time.Minute), Cause: model.CauseUnionID,
		By:    model.IdentityKey{AppID: "wx1", OpenID: "open-1"},
		Union: model.UnionKey{OpenPlatform: "main", UnionID: "union-1"},
		Loser: []model.IdentityKey{{AppID: "wx1", OpenID: "open-1"}, {AppID: "wx2", OpenID: "open-2"}},
		Survivor: []model.IdentityKey{
			{AppID: "wx3", OpenID: "open-3"},
		},
		UndoneAt: undone,
	}
}

func mustInsert(t *testing.T, s Store, u model.User) {
	t.Helper()
	if created, err := s.InsertUser(context.Background(), u); err != nil || !created {
		t.Fatalf("insert %s: created %v, error %v", u.ID, created, err)
	}
}

func replaceClears(t *testing.T, s Store) {
	mustInsert(t, s, sampleUser())
	if err := s.ReplaceUser(context.Background(), model.User{ID: "user-1", CreatedAt: storetest.Epoch(), Version: 1}); err != nil {
		t.Fatalf("replace: %v", err)
	}
	wantUser(t, s, model.User{ID: "user-1", CreatedAt: storetest.Epoch(), Version: 2})
}

func wantUser(t *testing.T, s Store, want model.User) {
	t.Helper()
	got, err := s.User(context.Background(), want.ID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("user, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}
