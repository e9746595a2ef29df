package webhooktest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

const racers = 64

// raceLease lets many workers take the same due delivery, several times in a row.
func raceLease(t *testing.T, s Stores) {
	now := storetest.Epoch()
	add(t, s, sample("delivery-1", now))
	for round := range 4 {
		var won atomic.Int64
		storetest.Race(racers/2, func(i int) {
			deliveries, err := s.Deliveries.DueDeliveries(context.Background(), now, 1)
			if err != nil {
				t.Errorf("due: %v", err)
			}
			if len(deliveries) == 0 {
				return // somebody holds the lease already
			}
			d := deliveries[0]
			d.DueAt, d.LastError = now.Add(time.Minute), fmt.Sprintf("worker %d", i)
			switch err := s.Deliveries.ReplaceDelivery(context.Background(), d); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, model.ErrStale):
				t.Errorf("replace: %v", err)
			}
		})
		if won.Load() != 1 {
			t.Errorf("round %d: %d workers hold the lease, want 1", round, won.Load())
		}
		now = now.Add(time.Minute) // the lease has run out
	}
}

func raceAdd(t *testing.T, s Stores) {
	storetest.Race(racers, func(i int) {
		d := sample("delivery-1", storetest.Epoch())
		d.Attempts = i
		if err := s.Deliveries.AddDelivery(context.Background(), d); err != nil {
			t.Errorf("add: %v", err)
		}
	})
	deliveries, err := s.Deliveries.DueDeliveries(context.Background(), storetest.Epoch(), 10)
	if err != nil || len(deliveries) != 1 || deliveries[0].Version != 1 {
		t.Errorf("adding one delivery often, error %v: %+v", err, deliveries)
	}
}
