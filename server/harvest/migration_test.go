package harvest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"wxhub/model"
	"wxhub/server/harvest"
	"wxhub/wx"
)

// knowOld has n people known in the account before its migration.
func (w *world) knowOld(n int) {
	w.t.Helper()
	for i := range n {
		id := fmt.Sprintf("old-%04d", i)
		if err := w.people.Meet(context.Background(), model.IdentityKey{AppID: "wx-old", OpenID: id}, ""); err != nil {
			w.t.Fatal(err)
		}
		if i%10 != 9 { // who never agreed has no new openid
			w.moved[id] = fmt.Sprintf("new-%04d", i)
		}
	}
}

func migrating(o *harvest.Options) {
	o.Followers, o.Migrated = nil, map[string]string{"wx-oa": "wx-old"}
}

// wantMoved checks that each new openid is the person that the old one was.
func (w *world) wantMoved(n int) {
	w.t.Helper()
	ctx := context.Background()
	for i := range n {
		old, err := w.store.Identity(ctx, model.IdentityKey{AppID: "wx-old", OpenID: fmt.Sprintf("old-%04d", i)})
		if err != nil {
			w.t.Fatal(err)
		}
		to := model.IdentityKey{AppID: "wx-oa", OpenID: w.moved[old.OpenID]}
		if to.OpenID == "" {
			to = model.IdentityKey{}
		}
		if old.MovedTo != to {
			w.t.Fatalf("%s moved to %+v, want %+v", old.OpenID, old.MovedTo, to)
		}
		if to.OpenID == "" {
			continue
		}
		if fresh, err := w.store.Identity(ctx, to); err != nil || fresh.UserID != old.UserID {
			w.t.Fatalf("%s is %s, %s is %s: %v", old.OpenID, old.UserID, to.OpenID, fresh.UserID, err)
		}
	}
	all, err := w.store.IdentitiesIn(ctx, "wx-oa", "", 10_000)
	if err != nil || len(all) != len(w.moved) {
		w.t.Errorf("%d new openids, want %d, %v", len(all), len(w.moved), err)
	}
}

func TestMigrationIsImported(t *testing.T) {
	w := newWorld(t)
	w.knowOld(250)
	w.run(w.process(migrating))
	w.wantMoved(250)
	if w.count("moved") != 3 {
		t.Errorf("%d calls", w.count("moved"))
	}
	calls := w.count()
	w.run(w.process(migrating))
	if w.count() != calls {
		t.Error("it was imported again at once")
	}
}

// The process ends at any step: the next goes on there, with nobody lost and nobody twice.
func TestMigrationGoesOnWhereItWasKilled(t *testing.T) {
	for at := 1; ; at++ {
		w := newWorld(t)
		w.knowOld(105)
		w.killAt = at
		_, err := w.process(migrating).Run(context.Background())
		if err == nil {
			if at < 8 {
				t.Errorf("only %d steps", at)
			}
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		w.killAt = 0
		w.run(w.process(migrating))
		w.wantMoved(105)
	}
}

// payers tells UnionIDs of payers.
type payers struct {
	unionID string
	err     error
	asked   []string
}

func (p *payers) PaidUnionID(_ context.Context, app, openID, transaction string) (string, error) {
	p.asked = append(p.asked, app+" "+openID+" "+transaction)
	return p.unionID, p.err
}

func TestUnionIDIsLearnedAfterAPayment(t *testing.T) {
	final := func(err error) bool { // what package tasks would make of it, seen from outside
		return err != nil && fmt.Sprintf("%T", err) == "tasks.finalError"
	}
	const body = `{"app_id":"wx-mini","open_id":"openid-a","transaction_id":"4200"}`
	key := model.IdentityKey{AppID: "wx-mini", OpenID: "openid-a"}
	for name, c := range map[string]struct {
		body    string
		payers  payers
		learned string
		fails   bool
		final   bool
	}{
		"told":           {body, payers{unionID: "u-openid-a"}, "u-openid-a", false, false},
		"there is none":  {body, payers{}, "", false, false},
		"too late":       {body, payers{err: wx.ErrNotPaidLately}, "", true, true},
		"not allowed":    {body, payers{err: wx.ErrRejected}, "", true, true},
		"not known":      {body, payers{err: wx.Refused(wx.ErrOpenIDUnknown, model.Upstream{Code: "40003"})}, "", true, true},
		"WeChat is busy": {body, payers{err: wx.ErrBusy}, "", true, false},
		"WeChat silent":  {body, payers{err: wx.ErrTimeout}, "", true, false},
		"slow down":      {body, payers{err: wx.ErrRateLimited}, "", true, false},
		"unreadable":     {"x", payers{unionID: "u-openid-a"}, "", true, true},
		"app is gone":    {`{"app_id":"wx-gone","open_id":"openid-a","transaction_id":"4200"}`, payers{unionID: "u-openid-a"}, "", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if err := w.people.Meet(t.Context(), key, ""); err != nil {
				t.Fatal(err)
			}
			events, err := harvest.Paid(&c.payers, w.people)(t.Context(), []byte(c.body))
			if len(events) != 0 || (err != nil) != c.fails || final(err) != c.final {
				t.Errorf("%d events, %v (final %v)", len(events), err, final(err))
			}
			if i, err := w.store.Identity(t.Context(), key); err != nil || i.UnionID != c.learned {
				t.Errorf("learned %q, %v", i.UnionID, err)
			}
			if c.body == body && !slices.Equal(c.payers.asked, []string{"wx-mini openid-a 4200"}) {
				t.Errorf("asked %q", c.payers.asked)
			}
		})
	}
}
