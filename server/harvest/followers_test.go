package harvest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/server/harvest"
	"wxhub/wx"
)

// wantMet checks that every follower was met, and none more often than that.
func (w *world) wantMet(app string, most int) {
	w.t.Helper()
	for _, id := range w.followers[app] {
		if n := w.met[model.IdentityKey{AppID: app, OpenID: id}]; n < 1 || n > most {
			w.t.Fatalf("%s was met %d times, want 1 to %d", id, n, most)
		}
	}
	if len(w.met) != len(w.followers[app]) {
		w.t.Errorf("%d were met of %d", len(w.met), len(w.followers[app]))
	}
}

// One pass over 25,000 followers takes several runs, each of a bounded number of calls.
func TestPassOverManyFollowersIsDoneInBoundedRuns(t *testing.T) {
	w := newWorld(t)
	w.follow("wx-oa", 25_000)
	h := w.process()
	runs := 0
	for before := -1; w.count() != before; runs++ {
		before = w.count()
		w.run(h)
		if made := w.count() - before; made > harvest.CallsPerRun {
			t.Errorf("run %d made %d calls", runs, made)
		}
	}
	w.wantMet("wx-oa", 1)
	if batches, lists := w.count("batch"), w.count("list"); batches != 250 || lists < 3 || lists > 3+runs {
		t.Errorf("%d batches, %d lists in %d runs", batches, lists, runs)
	}
	if runs < 2 {
		t.Errorf("%d runs", runs)
	}
}

// Calls are counted and not timed: the pace itself is one number.
func TestPaceIsFarBelowWhatWeChatAllows(t *testing.T) {
	h := harvest.New(harvest.Options{})
	if p := h.Pace(); p <= 0 || p > 10 {
		t.Errorf("%v calls in a second", p)
	}
	if seconds := float64(harvest.CallsPerRun) / h.Pace(); seconds > 60 {
		t.Errorf("a run takes %v s, and the next begins after 60", seconds)
	}
}

// The process ends at any step: the next one goes on there, and nobody is lost.
func TestPassGoesOnWhereItWasKilled(t *testing.T) {
	const n = 350
	for at := 1; ; at++ {
		w := newWorld(t)
		w.page = 200
		w.follow("wx-oa", n)
		w.killAt = at
		_, err := w.process().Run(context.Background())
		if err == nil { // the kill came after the end
			if at < 10 {
				t.Errorf("only %d steps", at)
			}
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		w.killAt = 0
		w.run(w.process())
		w.wantMet("wx-oa", 2) // at most the batch in whose midst it was
		repeated := 0
		for _, times := range w.met {
			repeated += times - 1
		}
		if repeated > 100 {
			t.Errorf("killed at step %d, %d were met again", at, repeated)
		}
	}
}

// A process that is told to stop ends between two calls, and what it did is kept.
func TestPassStopsWhenItIsTold(t *testing.T) {
	w := newWorld(t)
	w.follow("wx-oa", 1000)
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.killAt = stop, 12
	_, _ = w.process().Run(ctx)
	done := w.count("batch")
	if done == 0 || done >= 10 {
		t.Fatalf("%d batches", done)
	}
	w.killAt = 0
	w.run(w.process())
	w.wantMet("wx-oa", 2)
}

func TestPassEndsAndBeginsAgainInItsTime(t *testing.T) {
	w := newWorld(t)
	w.follow("wx-oa", 150)
	h := w.process()
	w.run(h)
	w.wantMet("wx-oa", 1)
	calls := w.count()
	w.pass(24*time.Hour - time.Minute)
	w.run(w.process())
	if w.count() != calls {
		t.Error("it began again before its time")
	}
	w.followers["wx-oa"] = append([]string{"openid-new"}, w.followers["wx-oa"]...) // wherever WeChat puts new ones
	w.pass(2 * time.Minute)
	w.run(w.process())
	w.wantMet("wx-oa", 2)
}

func TestAccountWithoutFollowersIsDoneAtOnce(t *testing.T) {
	w := newWorld(t)
	h := w.process()
	w.run(h)
	w.run(h)
	if w.count() != 1 {
		t.Errorf("%d calls", w.count())
	}
}

func TestWhoNoLongerFollowsIsNotMet(t *testing.T) {
	w := newWorld(t)
	w.followers["wx-oa"] = []string{"openid-a", "openid-gone", "openid-b"}
	w.run(w.process())
	if len(w.met) != 2 || w.met[model.IdentityKey{AppID: "wx-oa", OpenID: "openid-gone"}] != 0 {
		t.Errorf("met %v", w.met)
	}
}

// What another version wrote as its progress is no reason to stop for ever.
func TestProgressThatCannotBeReadBeginsAnew(t *testing.T) {
	w := newWorld(t)
	w.follow("wx-oa", 120)
	if err := w.store.SaveCursor(t.Context(), "followers:wx-oa", "openid-00050"); err != nil {
		t.Fatal(err)
	}
	w.run(w.process())
	w.wantMet("wx-oa", 1)
}

func TestAppThatFailsDoesNotHoldUpTheOthers(t *testing.T) {
	for _, order := range [][]string{{"wx-oa", "wx-two"}, {"wx-two", "wx-oa"}} {
		w := newWorld(t)
		w.follow("wx-two", 120)
		w.failing["wx-oa"] = wx.ErrRejected
		w.knowOld(3)
		h := w.process(func(o *harvest.Options) {
			o.Followers = order
			o.Migrated = map[string]string{"wx-oa": "wx-old", "wx-two": "wx-old"}
		})
		if _, err := h.Run(t.Context()); !errors.Is(err, wx.ErrRejected) {
			t.Errorf("got %v", err)
		}
		w.wantMet("wx-two", 1)
		if w.count("moved") != 2 {
			t.Errorf("%d calls for the migrations", w.count("moved"))
		}
		delete(w.failing, "wx-oa")
		w.follow("wx-oa", 5)
		w.run(h)
		if len(w.met) != 125 {
			t.Errorf("%d were met", len(w.met))
		}
	}
}
