package harvest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"wxhub/model"
	"wxhub/wx"
)

const (
	// batch is how many openids WeChat takes in one call.
	batch = 100
	// callsPerRun bounds what one run does for one app, so that it is over before the next
	// tick; callsPerSecond is far below what WeChat allows.
	callsPerRun, callsPerSecond = 200, 10
)

// Accounts asks WeChat about the people of an official account. wx/mp.Client is one.
type Accounts interface {
	ListFollowers(ctx context.Context, appID, next string) (wx.Followers, error)
	FollowersOf(ctx context.Context, appID string, openIDs []string) ([]wx.Follower, error)
	Moved(ctx context.Context, appID, fromAppID string, openIDs []string) ([]wx.Moved, error)
}

// People is who learns. identity.Service is one.
type People interface {
	Meet(ctx context.Context, k model.IdentityKey, unionID string) error
	Moved(ctx context.Context, fromAppID, toAppID string, list []wx.Moved) (int, error)
	OpenIDs(ctx context.Context, appID, after string, limit int) ([]string, error)
}

// Cursors keeps how far a job has come. Both stores are one.
type Cursors interface {
	Cursor(ctx context.Context, name string) (string, error)
	SaveCursor(ctx context.Context, name, value string) error
}

// Options are what a Harvester is made of.
type Options struct {
	Accounts  Accounts
	People    People
	Cursors   Cursors
	Followers []string          // official accounts whose followers are looked at
	Migrated  map[string]string // new app id → the one that it had before the migration
	Every     time.Duration     // how long after the end of a pass the next begins; 0: never
	Now       func() time.Time
	Log       *slog.Logger
}

// Harvester does the long jobs.
type Harvester struct {
	Options
	pace *rate.Limiter
}

// New makes a harvester.
func New(o Options) *Harvester {
	return &Harvester{o, rate.NewLimiter(callsPerSecond, 1)}
}

// progress is how far a job has come.
type progress struct {
	After   string    `json:"after,omitempty"` // the last openid that was done
	Done    int       `json:"done"`            // in this pass
	EndedAt time.Time `json:"ended_at,omitzero"`
	left    int       // calls that this run may still make
}

// Run does a part of every job that is due. It always returns 0: the next part is for
// the next tick, so that WeChat is not hurried. One app that fails does not hold up
// the others.
func (h *Harvester) Run(ctx context.Context) (int, error) {
	var errs []error
	for _, appID := range h.Followers {
		errs = append(errs, h.pass(ctx, "followers:"+appID, func(ctx context.Context, p *progress) (bool, error) {
			return h.followers(ctx, appID, p)
		}))
	}
	for to, from := range h.Migrated {
		errs = append(errs, h.pass(ctx, "migration:"+from+":"+to, func(ctx context.Context, p *progress) (bool, error) {
			return h.migrate(ctx, from, to, p)
		}))
	}
	return 0, errors.Join(errs...)
}

// pass goes on with one job, step by step, until it is at its end, this run has done
// enough, or a step fails. A job that ended begins anew when its time has come.
func (h *Harvester) pass(ctx context.Context, name string, step func(context.Context, *progress) (more bool, err error)) error {
	p, err := h.load(ctx, name)
	if err != nil {
		return err
	}
	if !p.EndedAt.IsZero() {
		if h.Every == 0 || h.Now().Sub(p.EndedAt) < h.Every {
			return nil
		}
		p = progress{}
	}
	for p.left = callsPerRun; h.mayCall(ctx, &p); {
		more, err := step(ctx, &p)
		if err != nil {
			return err
		}
		if !more {
			p.EndedAt = h.Now().UTC()
			h.Log.InfoContext(ctx, "harvest: a pass is at its end", "job", name, "looked_at", p.Done)
		}
		if err := h.save(ctx, name, p); err != nil || !more {
			return err
		}
	}
	return nil
}

// mayCall waits until WeChat may be called once more. It reports false when this run has
// made its calls or is to stop: the next run goes on from there.
func (h *Harvester) mayCall(ctx context.Context, p *progress) bool {
	if p.left == 0 || h.pace.Wait(ctx) != nil {
		return false
	}
	p.left--
	return true
}

func (h *Harvester) load(ctx context.Context, name string) (p progress, err error) {
	text, err := h.Cursors.Cursor(ctx, name)
	if err != nil || text == "" {
		return p, err
	}
	if json.Unmarshal([]byte(text), &p) != nil {
		return progress{}, nil // another version wrote it: begin anew
	}
	return p, nil
}

func (h *Harvester) save(ctx context.Context, name string, p progress) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return h.Cursors.SaveCursor(ctx, name, string(text))
}
