package storetest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"wxhub/model"
)

func (a Aggregate[T]) raceAdd(t *testing.T) {
	winner := OneWinner(t, func(i int) (bool, error) {
		return a.Add(context.Background(), a.sample("race-add", i, 1))
	})
	a.want(t, a.sample("race-add", winner, 1))
}

func (a Aggregate[T]) raceReplace(t *testing.T) {
	a.add(t, a.sample("race-replace", 0, 1))
	winner := OneWinner(t, func(i int) (bool, error) {
		return Won(a.Replace(context.Background(), a.sample("race-replace", i, 1)))
	})
	a.want(t, a.sample("race-replace", winner, 2))
}

// raceCount lets each racer replace whatever stands, again until nobody was faster.
func (a Aggregate[T]) raceCount(t *testing.T) {
	const racers, rounds = 8, 4
	a.add(t, a.sample("race-count", 0, 1))
	Race(racers, func(i int) {
		for range rounds {
			if err := a.replaceNewest("race-count", i); err != nil {
				t.Errorf("replace: %v", err)
			}
		}
	})
	v, err := a.Read(context.Background(), a.sample("race-count", 0, 1))
	if err != nil || *a.Version(&v) != 1+racers*rounds {
		t.Errorf("after %d replacements the version is %d, error %v", racers*rounds, *a.Version(&v), err)
	}
}

func (a Aggregate[T]) replaceNewest(key string, n int) error {
	for {
		v, err := a.Read(context.Background(), a.sample(key, n, 1))
		if err != nil {
			return err
		}
		err = a.Replace(context.Background(), a.sample(key, n, *a.Version(&v)))
		if !errors.Is(err, model.ErrStale) {
			return err
		}
	}
}

// raceDelete has one half delete what the other half replaces: either it is gone and
// nobody replaced it, or one did and the deletions found it stale.
func (a Aggregate[T]) raceDelete(t *testing.T) {
	a.add(t, a.sample("race-delete", 0, 1))
	var replaced, stale atomic.Int64
	Race(Racers, func(i int) {
		act, count := a.Replace, &replaced
		if i%2 == 0 {
			act, count = a.Delete, &stale
		}
		err := act(context.Background(), a.sample("race-delete", i*(i%2), 1))
		switch won := err == nil; {
		case err != nil && !errors.Is(err, model.ErrStale) && !errors.Is(err, model.ErrNotFound):
			t.Errorf("racer %d: %v", i, err)
		case won == (i%2 == 1): // a replacement that won, a deletion that lost
			count.Add(1)
		}
	})
	_, err := a.Read(context.Background(), a.sample("race-delete", 0, 1))
	gone := errors.Is(err, model.ErrNotFound)
	if !gone && err != nil {
		t.Fatal(err)
	}
	if gone && replaced.Load()+stale.Load() > 0 || !gone && (replaced.Load() != 1 || stale.Load() != Racers/2) {
		t.Errorf("gone: %v; %d replaced it, %d deletions found it stale", gone, replaced.Load(), stale.Load())
	}
}
