package identitytest

import (
	"context"
	"reflect"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

// sampleUser is a user with something in every field, as it is stored.
func sampleUser() model.User {
	return model.User{
		ID: "user-1", Phone: "8613800000000", CreatedAt: storetest.Epoch(), Version: 1,
		Outbox: []model.Event{{
			ID: "event-1", Type: model.EventUserCreated, Subject: "user-1", Data: []byte(`{"id": "user-1"}`), CreatedAt: storetest.Epoch(),
		}},
	}
}

func insertUserTwice(t *testing.T, s Store) {
	first := sampleUser()
	first.Version = 7 // whatever the caller says, a new user is Version 1
	if created, err := s.InsertUser(context.Background(), first); err != nil || !created {
		t.Fatalf("insert: created %v, error %v", created, err)
	}
	second := sampleUser()
	second.Phone, second.Outbox = "", nil
	if created, err := s.InsertUser(context.Background(), second); err != nil || created {
		t.Errorf("second insert: created %v, error %v, want neither", created, err)
	}
	wantUser(t, s, sampleUser())
}

func wantUser(t *testing.T, s Store, want model.User) {
	t.Helper()
	got, err := s.User(context.Background(), want.ID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("user, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}
