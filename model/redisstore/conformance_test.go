package redisstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/redisstore"
)

var _ identity.Sessions = (*redisstore.Store)(nil)

// conformance is what every Redis must do, embedded or not. Keys are random: the
// suite may run against a Redis that others use too.
func conformance(t *testing.T, s *redisstore.Store) {
	for name, check := range map[string]func(*testing.T, *redisstore.Store){
		"session": checkSession, "session key": checkSessionKey, "expiry": checkExpiry,
		"ttl": checkTTL, "foreign record": checkForeignRecord, "lost": checkLost, "race": checkRace,
		"session key forgotten": checkForgetSessionKey, "state": checkState, "state race": checkStateRace,
		"nonce": checkNonce, "nonce race": checkNonceRace, "redemption": checkRedemption, "redemption lease": checkRedemptionLease,
		"redemption race": checkRedemptionRace, "redemption abandoned": checkRedemptionAbandoned, "cancelled": checkCancelled,
	} {
		t.Run(name, func(t *testing.T) { check(t, s) })
	}
}

func someSession() model.Session {
	return model.Session{
		UserID: rand.Text(), AppID: "wx0000000000000001", OpenID: rand.Text(),
		ExpiresAt: model.Instant(time.Now().Add(time.Hour)),
	}
}

func checkSession(t *testing.T, s *redisstore.Store) {
	ctx, hash, want := t.Context(), rand.Text(), someSession()
	mustBe(t, model.ErrNotFound)(s.Session(ctx, hash))
	must(t, s.SaveSession(ctx, hash, want, time.Hour))
	got, err := s.Session(ctx, hash)
	if err != nil || got != want {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
	want.UserID = rand.Text() // merged into another user
	must(t, s.SaveSession(ctx, hash, want, time.Hour))
	if got, err := s.Session(ctx, hash); err != nil || got != want {
		t.Errorf("saved again: got %+v, %v, want %+v", got, err, want)
	}
	must(t, s.DeleteSession(ctx, hash))
	must(t, s.DeleteSession(ctx, hash))
	mustBe(t, model.ErrNotFound)(s.Session(ctx, hash))
}

func checkSessionKey(t *testing.T, s *redisstore.Store) {
	ctx, openID := t.Context(), rand.Text()
	mustBe(t, model.ErrNotFound)(s.SessionKey(ctx, "wx1", openID))
	must(t, s.SaveSessionKey(ctx, "wx1", openID, "tiihtNczf5v6AKRyjwEUhQ==", time.Hour))
	must(t, s.SaveSessionKey(ctx, "wx2", openID, "other", time.Hour))
	if got, err := s.SessionKey(ctx, "wx1", openID); err != nil || got.Reveal() != "tiihtNczf5v6AKRyjwEUhQ==" {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
	if got, err := s.SessionKey(ctx, "wx2", openID); err != nil || got.Reveal() != "other" {
		t.Errorf("the other app's: got %q, %v", got.Reveal(), err)
	}
}

// checkExpiry waits in real time, for as long as a slow machine may need.
func checkExpiry(t *testing.T, s *redisstore.Store) {
	brief, long := rand.Text(), rand.Text()
	must(t, s.SaveSession(t.Context(), brief, someSession(), 400*time.Millisecond))
	must(t, s.SaveSession(t.Context(), long, someSession(), time.Hour))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for gone := false; !gone; {
		_, err := s.Session(ctx, brief)
		if gone = errors.Is(err, model.ErrNotFound); !gone && err != nil {
			t.Fatalf("still there after 10 s: %v", err)
		}
	}
	if _, err := s.Session(t.Context(), long); err != nil {
		t.Errorf("the long one is gone too: %v", err)
	}
}

// checkTTL sees to it that nothing is kept for ever.
func checkTTL(t *testing.T, s *redisstore.Store) {
	for _, ttl := range []time.Duration{0, -time.Second} {
		if err := s.SaveSession(t.Context(), rand.Text(), someSession(), ttl); err == nil {
			t.Errorf("a ttl of %s was taken", ttl)
		}
	}
	hash := rand.Text()
	must(t, s.SaveSession(t.Context(), hash, someSession(), time.Hour))
	wantTTL(t, s, "wxhub:session:"+hash)
}

// checkForeignRecord is a downgrade: the record was written by a later version.
func checkForeignRecord(t *testing.T, s *redisstore.Store) {
	hash := rand.Text()
	must(t, s.Client().Set(t.Context(), "wxhub:session:"+hash, "\x00not JSON", time.Hour).Err())
	mustBe(t, model.ErrNotFound)(s.Session(t.Context(), hash))
}

// checkLost is the promise that a flushed Redis costs a login and nothing else.
func checkLost(t *testing.T, s *redisstore.Store) {
	hash := rand.Text()
	must(t, s.SaveSession(t.Context(), hash, someSession(), time.Hour))
	flush(t, s)
	mustBe(t, model.ErrNotFound)(s.Session(t.Context(), hash))
	must(t, s.SaveSession(t.Context(), hash, someSession(), time.Hour))
}

// checkRace has many logins and logouts at once; each sees its own session only.
func checkRace(t *testing.T, s *redisstore.Store) {
	var all sync.WaitGroup
	faults := make(chan error, 50)
	for range cap(faults) {
		all.Go(func() { faults <- loginAndOut(t.Context(), s) })
	}
	all.Wait()
	close(faults)
	for err := range faults {
		must(t, err)
	}
}

func loginAndOut(ctx context.Context, s *redisstore.Store) error {
	hash, want := rand.Text(), someSession()
	if err := s.SaveSession(ctx, hash, want, time.Hour); err != nil {
		return err
	}
	if got, err := s.Session(ctx, hash); err != nil || got != want {
		return fmt.Errorf("got %+v, %w, want %+v", got, err, want)
	}
	return s.DeleteSession(ctx, hash)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mustBe checks the error of a call with a result.
func mustBe(t *testing.T, want error) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("got error %v, want %v", err, want)
		}
	}
}
