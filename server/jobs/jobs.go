// Package jobs runs background work beside the API: each job again and again, until
// it is stopped. What a job has to do is found in the store, never in memory, so a
// job that did not run is only late, and running it in several processes is safe.
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
	// Wake, when not nil, runs the job before its time: somebody knows of work.
	Wake <-chan struct{}
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
		n, err := j.once(ctx)
		if err != nil && ctx.Err() == nil {
			log.Error("job failed; it will run again", "job", j.Name, "error", err.Error())
		}
		if err == nil && n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-j.Wake:
		case <-time.After(jitter(j.Every)):
		}
	}
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
