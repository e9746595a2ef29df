package storetest

import (
	"errors"
	"sync"
	"testing"

	"wxhub/model"
)

// Racers is how many want the same thing in the races of the suites.
const Racers = 64

// Race runs f in n goroutines that start together.
func Race(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// OneWinner lets the racers try the same thing and returns the one that did it; the
// test fails when that is not exactly one.
func OneWinner(t *testing.T, try func(i int) (won bool, err error)) (winner int) {
	t.Helper()
	var mu sync.Mutex
	var winners []int
	Race(Racers, func(i int) {
		won, err := try(i)
		if err != nil {
			t.Errorf("racer %d: %v", i, err)
		}
		if won {
			mu.Lock()
			defer mu.Unlock()
			winners = append(winners, i)
		}
	})
	if len(winners) != 1 {
		t.Fatalf("%d won, want 1: %v", len(winners), winners)
	}
	return winners[0]
}

// Won is what a conditional write says to a racer: the losers find it stale.
func Won(err error) (bool, error) {
	if errors.Is(err, model.ErrStale) {
		return false, nil
	}
	return err == nil, err
}
