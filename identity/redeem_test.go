package identity_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/wx"
)

// asked is how often WeChat was asked what a code stands for.
func (w *world) asked() int {
	w.wechat.mu.Lock()
	defer w.wechat.mu.Unlock()
	return w.wechat.calls
}

// slow is a WeChat that answers when it is let go, so that others come meanwhile.
type slow struct {
	*wechat
	asked  chan struct{} // is told of each question
	answer chan error    // what each question is answered with
}

func newSlow(w *wechat) *slow { return &slow{w, make(chan struct{}, 100), make(chan error, 100)} }

func (s *slow) Code2Session(ctx context.Context, appID, code string) (wx.MiniSession, error) {
	s.asked <- struct{}{}
	err := <-s.answer
	if err != nil {
		return wx.MiniSession{}, err
	}
	return s.wechat.Code2Session(ctx, appID, code)
}

func (s *slow) Redeem(ctx context.Context, appID, code string) (wx.Grant, error) {
	s.asked <- struct{}{}
	if err := <-s.answer; err != nil {
		return wx.Grant{}, err
	}
	return s.wechat.Redeem(ctx, appID, code)
}

// waiters is a Redis that tells of each attempt which finds that another is under way.
type waiters struct {
	identity.Redemptions
	waits chan struct{}
}

func (w waiters) BeginRedemption(ctx context.Context, key string, lease time.Duration) (bool, string, error) {
	mine, outcome, err := w.Redemptions.BeginRedemption(ctx, key, lease)
	if !mine && outcome == "" && err == nil {
		w.waits <- struct{}{}
	}
	return mine, outcome, err
}

// twoDoors are a mini-program and a mobile app, whose codes are redeemed in two ways.
var twoDoors = []string{app, mobileApp}

// All who bring one code at one time share the one answer, whichever process they ask.
func TestOneCodeManyTimesAtOnceIsRedeemedOnce(t *testing.T) {
	for _, door := range twoDoors {
		t.Run(door, func(t *testing.T) {
			w := newWorld(t)
			w.wechat.knows("alice", "union-a")
			says, waits := newSlow(w.wechat), make(chan struct{}, storetest.Racers)
			process := func(o *identity.Options) {
				o.MiniPrograms, o.Sites, o.Redemptions = says, says, waiters{w.redis, waits}
			}
			processes := []*identity.Service{w.with(process), w.with(process)}
			logins := make([]identity.Login, storetest.Racers)
			var all sync.WaitGroup
			for i := range logins {
				all.Go(func() {
					var err error
					if logins[i], err = through(t.Context(), processes[i%2], door, "alice-same"); err != nil {
						t.Error(err)
					}
				})
			}
			<-says.asked
			for range len(logins) - 1 {
				<-waits
			}
			says.answer <- nil // now that all are there
			all.Wait()
			fresh, tokens := 0, map[string]bool{}
			for _, l := range logins {
				tokens[l.Token] = true
				if l.NewUser {
					fresh++
				}
				if s, err := w.Authenticate(t.Context(), l.Token); err != nil || s.UserID != logins[0].Person.User.ID || s.OpenID != at(door, "alice").OpenID {
					t.Errorf("session %+v, %v", s, err)
				}
				if i := l.Person.Identities; len(i) != 1 || i[0].Key() != at(door, "alice") || i[0].UnionID != "union-a" {
					t.Errorf("got %+v", i)
				}
			}
			if w.asked() != 1 || fresh != 1 || len(tokens) != len(logins) {
				t.Errorf("WeChat was asked %d times, %d are new, %d tokens", w.asked(), fresh, len(tokens))
			}
			for _, s := range processes { // later
				_, err := through(t.Context(), s, door, "alice-same")
				wantCode(t, err, "login_code_used")
			}
			if w.asked() != 1 {
				t.Errorf("WeChat was asked %d times", w.asked())
			}
		})
	}
}

// The attempt that was first fails: the next one asks again, and the others wait for that.
func TestFailedRedemptionIsTriedAgainByWhoWaits(t *testing.T) {
	w := newWorld(t)
	says, waits := newSlow(w.wechat), make(chan struct{}, 100)
	s := w.with(func(o *identity.Options) { o.MiniPrograms, o.Redemptions = says, waiters{w.redis, waits} })
	const n = 8
	failed := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { _, failed[i] = s.LoginMiniProgram(t.Context(), app, "alice-same") })
	}
	<-says.asked
	for range n - 1 {
		<-waits
	}
	says.answer <- wx.ErrBusy
	<-says.asked // one of those who wait
	says.answer <- nil
	all.Wait()
	busy := 0
	for _, err := range failed {
		if errors.Is(err, wx.ErrBusy) {
			busy++
		} else if err != nil && !errors.Is(err, wx.ErrCodeUsed) { // too late even to wait
			t.Error(err)
		}
	}
	if busy != 1 || w.asked() != 1 {
		t.Errorf("%d heard that WeChat is busy; it answered %d times", busy, w.asked())
	}
}

// A refusal leaves no trace: the same code is asked about again.
func TestCodeThatFailedIsAskedAboutAgain(t *testing.T) {
	for _, door := range twoDoors {
		for _, refusal := range []error{wx.ErrBusy, wx.ErrTimeout, wx.ErrRateLimited, wx.ErrCodeInvalid} {
			w := newWorld(t)
			w.wechat.fail = refusal
			for try := 1; try <= 2; try++ {
				if _, err := through(t.Context(), w.Service, door, "alice-same"); !errors.Is(err, refusal) || w.asked() != try {
					t.Errorf("%s, try %d: %v, asked %d times", door, try, err, w.asked())
				}
			}
			w.wechat.fail = nil
			if _, err := through(t.Context(), w.Service, door, "alice-same"); err != nil || w.asked() != 3 {
				t.Errorf("%s after %v: %v, asked %d times", door, refusal, err, w.asked())
			}
		}
	}
}

// A code is one of an app: the same text in another is another code.
func TestCodesAreOfOneApp(t *testing.T) {
	w := newWorld(t)
	for n, door := range []string{app, otherApp, mobileApp, foreignApp} {
		if _, err := through(t.Context(), w.Service, door, "alice-same"); err != nil || w.asked() != n+1 {
			t.Errorf("%s: %v, asked %d times", door, err, w.asked())
		}
	}
}

// The client hangs up while WeChat is asked: the answer is not lost on those who wait.
func TestWhoHangsUpDoesNotSpoilTheCodeForOthers(t *testing.T) {
	w := newWorld(t)
	says, waits := newSlow(w.wechat), make(chan struct{}, 10)
	s := w.with(func(o *identity.Options) { o.MiniPrograms, o.Redemptions = says, waiters{w.redis, waits} })
	gone, hangUp := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { _, _ = s.LoginMiniProgram(gone, app, "alice-same") })
	<-says.asked
	all.Go(func() {
		if l, err := s.LoginMiniProgram(t.Context(), app, "alice-same"); err != nil || l.Token == "" {
			t.Errorf("got %+v, %v", l, err)
		}
	})
	<-waits
	hangUp()
	says.answer <- nil
	all.Wait()
	if w.asked() != 1 {
		t.Errorf("WeChat was asked %d times", w.asked())
	}
}

// A virtual user of WeChat's snapshot pages is nobody, at every door that can show one.
func TestSnapshotUsersNeverBecomeAccounts(t *testing.T) {
	for _, door := range []string{siteApp, accountApp, mobileApp} {
		w := newWorld(t)
		w.wechat.knows("snapshot", "union-a")
		for _, code := range []string{"snapshot-1", "snapshot-2-base"} {
			l, err := through(t.Context(), w.Service, door, code)
			wantCode(t, err, "snapshot_user")
			if l.Token != "" || l.Person.User.ID != "" {
				t.Errorf("%s: got %+v", door, l)
			}
			_, err = through(t.Context(), w.Service, door, code)
			wantCode(t, err, "login_code_used")
		}
		if i, err := w.store.Identity(t.Context(), at(door, "snapshot")); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: got %+v, %v", door, i, err)
		}
		if held, err := w.store.Union(t.Context(), unionA); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: got %+v, %v", door, held, err)
		}
		if all := w.dump(t); len(all) > 0 || len(w.events(t)) > 0 {
			t.Errorf("%s: users %+v, events %v", door, all, w.events(t))
		}
	}
}
