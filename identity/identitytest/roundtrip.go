package identitytest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
)

// anything generates every field by reflection, so that a field added to the
// model is tested from the first day.
func anything() rapid.MakeConfig {
	at := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "zero") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(0, 1<<37).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nano"))
	})
	return rapid.MakeConfig{Types: map[reflect.Type]*rapid.Generator[any]{reflect.TypeFor[time.Time](): at.AsAny()}}
}

func roundTripIdentities(t *testing.T, s Store) {
	generator, n := rapid.MakeCustom[model.Identity](anything()), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		want := generator.Draw(t, "identity")
		want.OpenID = fmt.Sprintf("%s-%d", want.OpenID, n)
		claimed, created, err := s.ClaimIdentity(context.Background(), want)
		if err != nil || !created {
			t.Fatalf("claim: created %v, error %v", created, err)
		}
		got, err := s.Identity(context.Background(), want.AppID, want.OpenID)
		if err != nil {
			t.Fatalf("identity: %v", err)
		}
		want.CreatedAt = model.Instant(want.CreatedAt)
		if got != want || claimed != want {
			t.Errorf("stored and read differ:\nclaimed %#v\n   read %#v\n   want %#v", claimed, got, want)
		}
	})
}

func roundTripUsers(t *testing.T, s Store) {
	generator, n := rapid.MakeCustom[model.User](anything()), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		want := generator.Draw(t, "user")
		want.ID = fmt.Sprintf("%s-%d", want.ID, n)
		if created, err := s.InsertUser(context.Background(), want); err != nil || !created {
			t.Fatalf("insert: created %v, error %v", created, err)
		}
		got, err := s.User(context.Background(), want.ID)
		if err != nil {
			t.Fatalf("user: %v", err)
		}
		want.Version = 1
		if got, want = emptied(got), asStored(want); !reflect.DeepEqual(got, want) {
			t.Errorf("stored and read differ:\n got %#v\nwant %#v", got, want)
		}
	})
}

// asStored is a user as a store gives it back: times cut to what stores keep.
func asStored(u model.User) model.User {
	u = emptied(u)
	u.CreatedAt = model.Instant(u.CreatedAt)
	for i := range u.Outbox {
		u.Outbox[i].CreatedAt = model.Instant(u.Outbox[i].CreatedAt)
	}
	return u
}

// emptied has nil for whatever is empty: stores need not know the difference.
func emptied(u model.User) model.User {
	events := u.Outbox
	u.Outbox = nil
	for _, e := range events {
		if len(e.Data) == 0 {
			e.Data = nil
		}
		u.Outbox = append(u.Outbox, e)
	}
	return u
}
