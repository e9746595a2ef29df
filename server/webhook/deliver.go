package webhook

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"wxhub/model"
)

const (
	// postTime bounds one post to an endpoint.
	postTime = 10 * time.Second
	// lease is how long a worker has for one delivery before another may take it.
	lease = 30 * time.Second
	// giveUpAfter is how long an event is tried for.
	giveUpAfter = 24 * time.Hour
	// parallel is how many deliveries one worker makes at once, so that a slow
	// endpoint does not hold up the others.
	parallel = 8
)

// firstRetries is the pause after each of the first failures; later ones use the last.
var firstRetries = []time.Duration{
	5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

// deliver makes the deliveries that are due. Endpoints do not wait for each other: the
// slowest holds up a run for one timeout, whatever waits behind it.
func (s *Sender) deliver(ctx context.Context) (int, error) {
	due, err := s.Deliveries.DueDeliveries(ctx, s.Now(), batch)
	if err != nil {
		return 0, err
	}
	lists := map[string][]model.Delivery{}
	for _, d := range due {
		lists[d.Endpoint] = append(lists[d.Endpoint], d)
	}
	var group errgroup.Group
	for _, list := range lists {
		group.Go(func() error { return s.deliverTo(ctx, list) })
	}
	return len(due), group.Wait()
}

// deliverTo makes the deliveries to one endpoint. Once it could not be reached, the
// rest is put off untried.
func (s *Sender) deliverTo(ctx context.Context, list []model.Delivery) error {
	var group errgroup.Group
	group.SetLimit(parallel)
	var unreachable atomic.Bool
	for _, d := range list {
		group.Go(func() error {
			if unreachable.Load() {
				return s.putOff(ctx, d)
			}
			failure, err := s.attempt(ctx, d)
			if errors.Is(failure, errUnreachable) {
				unreachable.Store(true)
			}
			return err
		})
	}
	return group.Wait()
}

// putOff moves a delivery to the end of the queue without counting an attempt.
func (s *Sender) putOff(ctx context.Context, d model.Delivery) error {
	d.DueAt = model.Instant(s.Now().Add(lease))
	return unlessTaken(s.Deliveries.ReplaceDelivery(ctx, d))
}

// attempt takes the lease of one delivery, posts it and records the outcome. failure
// is what went wrong with the post.
func (s *Sender) attempt(ctx context.Context, d model.Delivery) (failure, err error) {
	d.DueAt = model.Instant(s.Now().Add(lease))
	if err := s.Deliveries.ReplaceDelivery(ctx, d); err != nil {
		return nil, unlessTaken(err)
	}
	d.Version++
	failure = s.post(ctx, d)
	d = s.outcome(ctx, d, failure)
	return failure, unlessTaken(s.Deliveries.ReplaceDelivery(context.WithoutCancel(ctx), d))
}

// unlessTaken forgets that another worker has the delivery.
func unlessTaken(err error) error {
	if errors.Is(err, model.ErrStale) {
		return nil
	}
	return err
}

// outcome decides what becomes of a delivery after one attempt.
func (s *Sender) outcome(ctx context.Context, d model.Delivery, failure error) model.Delivery {
	d.Attempts++
	log := s.Log.With("event_id", d.Event.ID, "event", string(d.Event.Type), "endpoint", hostOf(d.Endpoint), "attempts", d.Attempts)
	if failure == nil {
		d.Status, d.LastError = model.DeliveryDelivered, ""
		log.InfoContext(ctx, "webhook delivered")
		return d
	}
	d.LastError = failure.Error()
	d.DueAt = model.Instant(s.Now().Add(firstRetries[min(d.Attempts, len(firstRetries))-1]))
	if errors.Is(failure, errUnconfigured) || d.DueAt.Sub(d.CreatedAt) > giveUpAfter {
		d.Status = model.DeliveryDead
		log.ErrorContext(ctx, "webhook given up", "error", d.LastError)
		return d
	}
	log.WarnContext(ctx, "webhook failed; it will be sent again", "error", d.LastError, "next", d.DueAt)
	return d
}
