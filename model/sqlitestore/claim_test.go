package sqlitestore

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"wxhub/model"
)

// TestClaimOfWhatIsBeingDeleted has a claim find its key taken, and then nothing there:
// the record is deleted while the claim waits for a connection to read it.
func TestClaimOfWhatIsBeingDeleted(t *testing.T) {
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "wxhub.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first := model.Identity{AppID: "wx1", OpenID: "open-1", UserID: "user-1", Version: 1}
	claimMeanwhile(t, s,
		func(ctx context.Context, userID string) (bool, error) {
			again := first
			again.UserID = userID
			stored, created, err := s.ClaimIdentity(ctx, again)
			return created && stored == again, err
		},
		func(ctx context.Context) error { return s.DeleteIdentity(ctx, first) })
	union := model.Union{OpenPlatform: "main", UnionID: "union-1", UserID: "user-1", Version: 1}
	claimMeanwhile(t, s,
		func(ctx context.Context, userID string) (bool, error) {
			again := union
			again.UserID = userID
			stored, created, err := s.ClaimUnion(ctx, again)
			return created && stored == again, err
		},
		func(ctx context.Context) error { return s.DeleteUnion(ctx, union) })
}

func claimMeanwhile(t *testing.T, s *Store, claim func(ctx context.Context, userID string) (made bool, err error), remove func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if made, err := claim(ctx, "user-1"); err != nil || !made {
		t.Fatalf("first claim: made %v, error %v", made, err)
	}
	release := holdReaders(ctx, t, s)
	waiting := s.read.Stats().WaitCount
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if made, err := claim(ctx, "user-2"); err != nil || !made {
			t.Errorf("claim of what was deleted meanwhile: made %v, error %v", made, err)
		}
	}()
	for s.read.Stats().WaitCount == waiting && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if err := remove(ctx); err != nil {
		t.Errorf("delete: %v", err)
	}
	release()
	<-ended
}

// holdReaders takes all connections for reading.
func holdReaders(ctx context.Context, t *testing.T, s *Store) (release func()) {
	t.Helper()
	var held []*sql.Conn
	for range readers {
		c, err := s.read.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	return func() {
		for _, c := range held {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
