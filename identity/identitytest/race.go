package identitytest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

func raceClaim(t *testing.T, s Store) {
	raceClaims(t, sample, s.ClaimIdentity)
}

func raceClaimUnion(t *testing.T, s Store) {
	raceClaims(t, sampleUnion, s.ClaimUnion)
}

// raceClaims: one claim makes the record, and all are told of the same.
func raceClaims[T comparable](t *testing.T, sample func(userID string) T, claim func(context.Context, T) (T, bool, error)) {
	seen := make([]T, storetest.Racers)
	winner := storetest.OneWinner(t, func(i int) (created bool, err error) {
		seen[i], created, err = claim(context.Background(), sample(fmt.Sprintf("user-%d", i)))
		return created, err
	})
	want := sample(fmt.Sprintf("user-%d", winner))
	for i, got := range seen {
		if got != want {
			t.Errorf("racer %d was told of\n%+v\nthe winner of\n%+v", i, got, want)
		}
	}
	if got, created, err := claim(context.Background(), sample("user-late")); err != nil || created || got != want {
		t.Errorf("what stands, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}

func raceClaimDelete(t *testing.T, s Store) {
	raceClaimsAndDeletions(t, sample, s.ClaimIdentity, s.DeleteIdentity)
}

func raceClaimDeleteUnion(t *testing.T, s Store) {
	raceClaimsAndDeletions(t, sampleUnion, s.ClaimUnion, s.DeleteUnion)
}

// raceClaimsAndDeletions: a claim that finds the key taken, and then nothing there,
// tries again; whoever asks gets a record.
func raceClaimsAndDeletions[T comparable](t *testing.T, sample func(userID string) T,
	claim func(context.Context, T) (T, bool, error), remove func(context.Context, T) error,
) {
	var none T
	storetest.Race(storetest.Racers, func(i int) {
		for range 3 {
			stored, _, err := claim(context.Background(), sample(fmt.Sprintf("user-%d", i)))
			if err != nil || stored == none {
				t.Errorf("claim: got %+v, error %v", stored, err)
				return
			}
			if err := remove(context.Background(), stored); err != nil && !errors.Is(err, model.ErrStale) {
				t.Errorf("delete: %v", err)
			}
		}
	})
	if _, created, err := claim(context.Background(), sample("user-late")); err != nil || !created {
		t.Errorf("after all were deleted: created %v, error %v", created, err)
	}
}
