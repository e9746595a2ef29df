package identitytest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/wx"
)

// The histories: people come in through several apps at once, WeChat tells a UnionID
// early, late, never, or another one than before, and processes die between any two
// writes. A stage runs one storage call at a time, in an order that rapid draws, so
// that a failure can be repeated and shrunk. What must be true in the end is in judge.go.

// historyApps are the doors: three of one open-platform account, one of another, and
// one without.
var historyApps = []identity.App{
	{ID: "wx-mini", Kind: model.MobileApp, OpenPlatform: "main"},
	{ID: "wx-account", Kind: model.MobileApp, OpenPlatform: "main"},
	{ID: "wx-site", Kind: model.MobileApp, OpenPlatform: "main"},
	{ID: "wx-other", Kind: model.MobileApp, OpenPlatform: "other"},
	{ID: "wx-unbound", Kind: model.MobileApp},
}

const (
	people    = 3
	maxActors = 4
	maxVisits = 3
)

// visit is one arrival at one door.
type visit struct {
	app     int
	person  int
	unionID string // what WeChat reports with it
	login   bool   // else it is only met: a follower, say
}

// drawVisit draws an arrival. Equal UnionIDs stand for different people in the two
// open-platform accounts, and sometimes WeChat reports somebody else's.
func drawVisit(t *rapid.T, history string) visit {
	v := visit{
		app:    rapid.IntRange(0, len(historyApps)-1).Draw(t, "app"),
		person: rapid.IntRange(0, people-1).Draw(t, "person"),
		login:  rapid.IntRange(0, 3).Draw(t, "login") > 0,
	}
	whose := v.person
	if historyApps[v.app].OpenPlatform == "other" {
		whose++
	}
	switch rapid.IntRange(0, 9).Draw(t, "union") {
	case 0, 1, 2: // WeChat keeps it to itself
		return v
	case 3:
		whose++
	}
	v.unionID = fmt.Sprintf("union-%s-%d", history, whose%people)
	return v
}

func (v visit) key(history string) model.IdentityKey {
	return model.IdentityKey{AppID: historyApps[v.app].ID, OpenID: fmt.Sprintf("open-%s-%d", history, v.person)}
}

// histories counts, so that every history has people of its own in a shared store.
var histories atomic.Int64

// RunHistories plays random histories, as many as checks says, on one store.
func RunHistories(t *testing.T, s Store, checks int) {
	storetest.LimitChecks(t, checks)
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, s)
		h.play(t, h.drawArrival)
		h.judge(t)
	})
}

// newHistory begins one. Its ids are all of one millisecond, so that they sort in any
// order, which is the same when it is played again.
func newHistory(t *rapid.T, s Store) *history {
	began := time.Now().Add(time.Duration(histories.Add(1)) * time.Millisecond)
	seed := [32]byte{}
	binary.LittleEndian.PutUint64(seed[:], rapid.Uint64().Draw(t, "ids"))
	return &history{
		name: fmt.Sprintf("%x", began.UnixNano()), store: s, conflicts: map[[3]string]string{},
		ids: model.IDs{Now: func() time.Time { return began }, Entropy: mathrand.NewChaCha8(seed)},
	}
}

// history is one run and what it saw.
type history struct {
	name  string
	ids   model.IDs
	store Store
	made  []string // ids of user records
	told  []answer
	seen  []report
	// conflicts are by app, openid and the UnionID that was reported too late.
	conflicts map[[3]string]string
	undone    []deed // that the process did not survive
}

// answer is what a login said.
type answer struct {
	key    model.IdentityKey
	userID string
	fresh  bool
}

// report is a UnionID that WeChat told about an identity. From and to are moments of the
// stage; finished is false when the process died on the way.
type report struct {
	key      model.IdentityKey
	platform string
	unionID  string
	from, to int
	finished bool
}

// step is one thing that an actor does.
type step func(st *stage, s *identity.Service, a *actor)

func (h *history) drawArrival(t *rapid.T) step {
	v := drawVisit(t, h.name)
	return func(st *stage, s *identity.Service, a *actor) { h.visit(st, s, a, v) }
}

func (h *history) play(t *rapid.T, draw func(*rapid.T) step) {
	st := newStage()
	n := rapid.IntRange(1, maxActors).Draw(t, "actors")
	for range n {
		var steps []step
		for range rapid.IntRange(1, maxVisits).Draw(t, "visits") {
			steps = append(steps, draw(t))
		}
		a := st.enter()
		service := h.service(&gate{Store: h.store, history: h, actor: a})
		go func() {
			defer a.leave()
			for _, do := range steps {
				do(st, service, a)
			}
		}()
	}
	st.run(t)
	if err := h.repair(); err != nil {
		t.Fatalf("repair: %v", err)
	}
}

// visit makes one arrival. It runs while the stage gives its actor the turn, so what it
// notes needs no lock.
func (h *history) visit(st *stage, service *identity.Service, a *actor, v visit) {
	key := v.key(h.name)
	r := report{key: key, platform: historyApps[v.app].OpenPlatform, unionID: v.unionID, from: st.moment}
	var err error
	if v.login {
		var l identity.Login
		l, err = service.LoginMobileApp(context.Background(), key.AppID, key.OpenID+" "+v.unionID)
		if err == nil {
			h.told = append(h.told, answer{key, l.Person.User.ID, l.NewUser})
		}
	} else {
		err = service.Meet(context.Background(), key, v.unionID)
	}
	r.to, r.finished = st.moment, err == nil
	h.seen = append(h.seen, r)
	if err != nil && !a.dead {
		panic(fmt.Sprintf("an arrival failed in a living process: %v", err))
	}
}

// dead reports whether a process died in this history.
func (h *history) dead() bool {
	return len(h.undone) > 0 || slices.ContainsFunc(h.seen, func(r report) bool { return !r.finished })
}

// repair is the job, after everybody has come back from the dead.
func (h *history) repair() error {
	service := h.service(h.store)
	for {
		n, err := service.Repair(context.Background())
		if n == 0 || err != nil {
			return err
		}
	}
}

func (h *history) service(s identity.Store) *identity.Service {
	return identity.New(identity.Options{
		Store: s, Sessions: noSessions{}, Redemptions: noRedemptions{}, Sites: told{}, Apps: historyApps, SessionTTL: time.Hour,
		Now: time.Now, IDs: h.ids, Entropy: rand.Reader, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// told is a WeChat whose codes say what they stand for.
type told struct{ identity.Sites }

func (told) Redeem(_ context.Context, _, code string) (wx.Grant, error) {
	var g wx.Grant
	_, _ = fmt.Sscan(code, &g.OpenID, &g.UnionID) // without a UnionID the second is not there
	return g, nil
}

type noSessions struct{ identity.Sessions }

func (noSessions) SaveSession(context.Context, string, model.Session, time.Duration) error {
	return nil
}
func (noSessions) DeleteSessionKey(context.Context, string, string) error { return nil }

type noRedemptions struct{ identity.Redemptions }

func (noRedemptions) BeginRedemption(context.Context, string, time.Duration) (bool, string, error) {
	return true, "", nil
}

func (noRedemptions) FinishRedemption(context.Context, string, string, time.Duration) error {
	return nil
}
