package jobs_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/server/jobs"
)

// recorder counts the runs of each tick, over all replicas.
type recorder struct {
	jobs.Ticks
	mu      sync.Mutex
	claimed map[int64]int
	runs    int
}

func (r *recorder) ClaimTick(ctx context.Context, job string, tick int64, ttl time.Duration) (bool, error) {
	mine, err := r.Ticks.ClaimTick(ctx, job, tick, ttl)
	if mine {
		r.mu.Lock()
		r.claimed[tick]++
		r.mu.Unlock()
	}
	return mine, err
}

func TestReplicasShareTheTicks(t *testing.T) {
	store, err := redisstore.Open(t.Context(), "embedded:")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	r := &recorder{Ticks: store, claimed: map[int64]int{}}
	enough := make(chan struct{})
	job := jobs.Job{Name: "sweep", Every: 20 * time.Millisecond, Once: r, Run: func(context.Context) (int, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.runs++; r.runs == 10 {
			close(enough)
		}
		return 0, nil
	}}
	ctx, stop := context.WithCancel(t.Context())
	var replicas sync.WaitGroup
	for i := range 3 {
		own, kill := context.WithCancel(ctx)
		defer kill()
		if i == 0 { // one replica dies after its first run; the others go on
			dying := job
			dying.Run = func(ctx context.Context) (int, error) { defer kill(); return job.Run(ctx) }
			replicas.Go(func() { jobs.Run(own, slog.New(slog.DiscardHandler), dying) })
			continue
		}
		replicas.Go(func() { jobs.Run(own, slog.New(slog.DiscardHandler), job) })
	}
	select {
	case <-enough:
	case <-time.After(30 * time.Second):
		t.Error("the ticks stopped")
	}
	stop()
	replicas.Wait()
	for tick, n := range r.claimed {
		if n != 1 {
			t.Errorf("tick %d ran %d times", tick, n)
		}
	}
	if r.runs != len(r.claimed) {
		t.Errorf("%d runs in %d ticks", r.runs, len(r.claimed))
	}
}

type away struct{}

func (away) ClaimTick(context.Context, string, int64, time.Duration) (bool, error) {
	return false, model.ErrUnavailable
}

func TestWithoutRedisEveryReplicaRuns(t *testing.T) {
	ran := make(chan struct{}, 100)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		jobs.Run(ctx, slog.New(slog.DiscardHandler), jobs.Job{Name: "sweep", Every: time.Hour, Once: away{}, Run: func(context.Context) (int, error) {
			ran <- struct{}{}
			return 0, nil
		}})
	}()
	select {
	case <-ran:
	case <-time.After(30 * time.Second):
		t.Error("the job did not run")
	}
	stop()
	<-done
}
