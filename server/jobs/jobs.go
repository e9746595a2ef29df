// Package jobs runs background work beside the API: each job again and again, until
// it is stopped.
//
// What a job has to do is found in the store, never in memory and never in a queue: an
// order has the time at which it wants to be looked at, a delivery the time at which it
// is due, and a worker takes one by a conditional write. So a job that did not run is
// only late, running it in several processes is safe, and Redis, flushed or lost, holds
// nothing that could be missed. A queue such as asynq would keep a second copy of that
// truth, to be kept in step. What Redis does here is spare work: periodic jobs run once
// per tick however many processes there are.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Job is one kind of background work.
type Job struct {
	Name  string
	Every time.Duration
	// Run does what is due and returns how much that was. While it finds something,
	// it is run again at once.
	Run func(context.Context) (int, error)
	// Once, when not nil, makes the job run once per tick however many processes there
	// are: ticks are the multiples of Every since 1970, and each is claimed.
	Once Ticks
	// Wake, when not nil, runs the job before its time: somebody knows of work.
	Wake <-chan struct{}
}

// Ticks lets processes share periodic work. redisstore.Store is one.
type Ticks interface {
	// ClaimTick reports whether this process is the first to claim a tick of a job.
	// The claim is kept for ttl. Errors: model.ErrUnavailable.
	ClaimTick(ctx context.Context, job string, tick int64, ttl time.Duration) (bool, error)
}

// Run runs the jobs until ctx ends, then waits for those in flight.
func Run(ctx context.Context, log *slog.Logger, list ...Job) {
	var wg sync.WaitGroup
	for _, j := range list {
		wg.Go(func() { j.loop(ctx, log) })
	}
	wg.Wait()
}

func (j Job) loop(ctx context.Context, log *slog.Logger) {
	for ctx.Err() == nil {
		n, err := j.turn(ctx, log)
		if err != nil && ctx.Err() == nil {
			log.Error("job failed; it will run again", "job", j.Name, "error", err.Error())
		}
		if err == nil && n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-j.Wake:
		case <-time.After(j.pause(time.Now())):
		}
	}
}

// turn runs the job, unless another process has this tick. What a job does is safe to
// do twice, so without the claims (Redis is away) every process does it.
func (j Job) turn(ctx context.Context, log *slog.Logger) (int, error) {
	if j.Once != nil {
		tick := time.Now().UnixNano() / int64(j.Every)
		mine, err := j.Once.ClaimTick(ctx, j.Name, tick, 2*j.Every)
		if err != nil && ctx.Err() == nil {
			log.Warn("a tick could not be claimed; running the job all the same", "job", j.Name, "error", err.Error())
		} else if !mine {
			return 0, nil
		}
	}
	for {
		n, err := j.once(ctx)
		if err != nil || n == 0 || j.Once == nil || ctx.Err() != nil {
			return n, err
		}
	}
}

// pause is the time until the next run: to the next tick for a job that is shared,
// with a little jitter so that not all processes ask for the claim at once.
func (j Job) pause(now time.Time) time.Duration {
	if j.Once == nil {
		return jitter(j.Every)
	}
	next := j.Every - time.Duration(now.UnixNano()%int64(j.Every))
	return next + time.Duration(rand.Int64N(int64(j.Every/10)+1)) //nolint:gosec // not a secret
}

// once runs the job and turns a panic into an error: one bad order must not stop
// the others for ever.
func (j Job) once(ctx context.Context) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("panic: %v", r)
		}
	}()
	return j.Run(ctx)
}

// jitter spreads the replicas: ±10 %.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()-0.5)*0.2*float64(d)) //nolint:gosec // not a secret
}

// Bell wakes a job. Ringing never blocks, and rings while the job runs count as one.
type Bell chan struct{}

// NewBell makes a bell.
func NewBell() Bell { return make(Bell, 1) }

// Ring wakes the job.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}
