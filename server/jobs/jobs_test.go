package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wxhub/server/jobs"
)

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
		began, runs := time.Now(), 0
		var at []time.Duration
		stop := start(jobs.Job{Name: "work", Every: time.Minute, Run: func(context.Context) (int, error) {
			at = append(at, time.Since(began))
			runs++
			return max(5-runs, 0), nil // the fifth finds nothing
		}})
		if runs != 5 || at[4] != 0 {
			t.Errorf("%d runs at %v", runs, at)
		}
		time.Sleep(67 * time.Second)
		synctest.Wait()
		if runs != 6 || at[5] < 54*time.Second || at[5] > 66*time.Second {
			t.Errorf("%d runs at %v", runs, at)
		}
		stop()
	})
}

func TestBellWakesAJobBeforeItsTime(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), _ *bytes.Buffer) {
		began, bell, runs := time.Now(), jobs.NewBell(), 0
		stop := start(jobs.Job{Name: "work", Every: time.Hour, Wake: bell, Run: func(context.Context) (int, error) {
			runs++
			return 0, nil
		}})
		for want := 2; want < 5; want++ {
			bell.Ring()
			synctest.Wait()
			if runs != want {
				t.Fatalf("%d runs, want %d", runs, want)
			}
		}
		if time.Since(began) != 0 {
			t.Errorf("it took %s", time.Since(began))
		}
		stop()
	})
}

func TestRingsWhileTheJobRunsCountAsOne(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), _ *bytes.Buffer) {
		bell, runs, more := jobs.NewBell(), 0, make(chan struct{})
		stop := start(jobs.Job{Name: "work", Every: time.Hour, Wake: bell, Run: func(context.Context) (int, error) {
			runs++
			<-more
			return 0, nil
		}})
		for range 100 { // never blocks
			bell.Ring()
		}
		close(more)
		synctest.Wait()
		if runs != 2 {
			t.Errorf("%d runs, want 2: none of the rings may be lost, and 99 add nothing", runs)
		}
		stop()
	})
}

func TestJobSurvivesErrorsAndPanics(t *testing.T) {
	inBubble(t, func(t *testing.T, start func(...jobs.Job) func(), log *bytes.Buffer) {
		runs := 0
		stop := start(jobs.Job{Name: "fragile", Every: time.Minute, Run: func(context.Context) (int, error) {
			switch runs++; runs {
			case 1:
				return 0, errors.New("the store is away")
			case 2:
				panic("one bad order")
			case 3:
				return 7, errors.New("some of it failed") // not at once again, whatever was done
			}
			return 0, nil
		}})
		for want := 1; want < 6; want++ {
			if runs != want {
				t.Errorf("%d runs, want %d", runs, want)
			}
			time.Sleep(67 * time.Second) // at most one run: the next is 54 s later or more
			synctest.Wait()
			if runs > want+1 {
				t.Fatal("it did not wait")
			}
			runs = want + 1
		}
		stop()
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
		well, over := 0, make(chan struct{})
		stop := start(
			jobs.Job{Name: "hangs", Every: time.Minute, Run: func(context.Context) (int, error) { <-over; return 0, nil }},
			jobs.Job{Name: "panics", Every: time.Minute, Run: func(context.Context) (int, error) { panic("again") }},
			jobs.Job{Name: "well", Every: time.Minute, Run: func(context.Context) (int, error) { well++; return 0, nil }},
		)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if well < 9 {
			t.Errorf("%d runs in ten minutes", well)
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
