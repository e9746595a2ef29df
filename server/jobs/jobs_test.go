package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wxhub/server/jobs"
)

// diary notes when a job ran, on the bubble's clock.
type diary struct {
	mu    sync.Mutex
	began time.Time
	at    []time.Duration
}

// note adds a run and returns which one it is, from 1.
func (d *diary) note() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = append(d.at, time.Since(d.began))
	return len(d.at)
}

func (d *diary) runs() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.at)
}

// inBubble runs jobs with a clock that moves only when all are waiting, and gives
// the moments at which a test may look.
func inBubble(t *testing.T, test func(t *testing.T, start func(...jobs.Job) (stop func()), log *bytes.Buffer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		start := func(list ...jobs.Job) func() {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				jobs.Run(ctx, slog.New(slog.NewJSONHandler(&log, nil)), list...)
			}()
			synctest.Wait()
			return func() { cancel(); <-done }
		}
		test(t, start, &log)
	})
}

func TestJobRunsAgainAtOnceWhileThereIsWork(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), _ *bytes.Buffer) {
		d := diary{began: time.Now()}
		stop := start(jobs.Job{Name: "work", Every: time.Minute, Run: func(context.Context) (int, error) {
			return max(5-d.note(), 0), nil // the fifth finds nothing
		}})
		if at := d.runs(); len(at) != 5 || at[4] != 0 {
			t.Errorf("runs at %v", at)
		}
		time.Sleep(67 * time.Second)
		synctest.Wait()
		if at := d.runs(); len(at) != 6 || at[5] < 54*time.Second || at[5] > 66*time.Second {
			t.Errorf("runs at %v", at)
		}
		stop()
	})
}

func TestBellWakesAJobBeforeItsTime(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), _ *bytes.Buffer) {
		d, bell := diary{began: time.Now()}, jobs.NewBell()
		stop := start(jobs.Job{Name: "work", Every: time.Hour, Wake: bell, Run: func(context.Context) (int, error) {
			d.note()
			return 0, nil
		}})
		for want := 2; want < 5; want++ {
			bell.Ring()
			synctest.Wait()
			if at := d.runs(); len(at) != want || at[want-1] != 0 {
				t.Fatalf("runs at %v, want %d of them", at, want)
			}
		}
		stop()
	})
}

func TestRingsWhileTheJobRunsCountAsOne(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), _ *bytes.Buffer) {
		d, bell, more := diary{began: time.Now()}, jobs.NewBell(), make(chan struct{})
		stop := start(jobs.Job{Name: "work", Every: time.Hour, Wake: bell, Run: func(context.Context) (int, error) {
			d.note()
			<-more
			return 0, nil
		}})
		for range 100 { // never blocks
			bell.Ring()
		}
		close(more)
		synctest.Wait()
		if at := d.runs(); len(at) != 2 {
			t.Errorf("runs at %v, want 2: none of the rings may be lost, and 99 add nothing", at)
		}
		stop()
	})
}

func TestJobSurvivesErrorsAndPanics(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), log *bytes.Buffer) {
		d := diary{began: time.Now()}
		stop := start(jobs.Job{Name: "fragile", Every: time.Minute, Run: func(context.Context) (int, error) {
			switch d.note() {
			case 1:
				return 0, errors.New("the store is away")
			case 2:
				panic("one bad order")
			case 3:
				return 7, errors.New("some of it failed") // not at once again, whatever was done
			}
			return 0, nil
		}})
		time.Sleep(5 * time.Minute)
		stop()
		at := d.runs()
		if len(at) < 5 {
			t.Errorf("runs at %v", at)
		}
		for i := 1; i < len(at); i++ {
			if pause := at[i] - at[i-1]; pause < 54*time.Second || pause > 66*time.Second {
				t.Errorf("it waited %s after run %d", pause, i)
			}
		}
		for _, told := range []string{"the store is away", "one bad order", "some of it failed", `"job":"fragile"`} {
			if !strings.Contains(log.String(), told) {
				t.Errorf("%q is not in the log", told)
			}
		}
		if n := strings.Count(log.String(), `"level":"ERROR"`); n != 3 {
			t.Errorf("%d errors in the log", n)
		}
	})
}

func TestJobInTroubleDoesNotHoldUpTheOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), _ *bytes.Buffer) {
		well, over := diary{began: time.Now()}, make(chan struct{})
		stop := start(
			jobs.Job{Name: "hangs", Every: time.Minute, Run: func(context.Context) (int, error) { <-over; return 0, nil }},
			jobs.Job{Name: "panics", Every: time.Minute, Run: func(context.Context) (int, error) { panic("again") }},
			jobs.Job{Name: "well", Every: time.Minute, Run: func(context.Context) (int, error) { well.note(); return 0, nil }},
		)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if at := well.runs(); len(at) < 9 {
			t.Errorf("runs at %v in ten minutes", at)
		}
		close(over)
		stop()
	})
}

func TestStopIsPromptAndWaitsForWhatIsInFlight(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), log *bytes.Buffer) {
		began, finished, idle := time.Now(), false, 0
		stop := start(
			jobs.Job{Name: "idle", Every: time.Hour, Run: func(context.Context) (int, error) { idle++; return 0, nil }},
			jobs.Job{Name: "busy", Every: time.Hour, Run: func(ctx context.Context) (int, error) {
				<-ctx.Done()
				time.Sleep(3 * time.Second) // writes down what it had begun
				finished = true
				return 1, ctx.Err()
			}},
		)
		stop()
		if !finished || time.Since(began) != 3*time.Second || idle != 1 {
			t.Errorf("finished %v after %s, %d idle runs", finished, time.Since(began), idle)
		}
		if log.Len() > 0 {
			t.Errorf("stopping is no failure: %s", log.String())
		}
	})
}

func TestJobThatAlwaysFindsWorkCanBeStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	jobs.Run(ctx, slog.New(slog.DiscardHandler), jobs.Job{Name: "endless", Every: time.Hour, Run: func(context.Context) (int, error) {
		if runs++; runs == 1000 {
			cancel()
		}
		return 1, nil
	}})
	if runs != 1000 {
		t.Errorf("%d runs", runs)
	}
}

func TestNoJobsReturnAtOnceAndStoppedOnesDoNotStart(t *testing.T) {
	jobs.Run(t.Context(), slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	jobs.Run(ctx, slog.New(slog.DiscardHandler), jobs.Job{Name: "late", Every: time.Hour, Run: func(context.Context) (int, error) {
		t.Error("it ran")
		return 0, nil
	}})
}
