package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
	"wxhub/identity"
	"wxhub/model"
	"wxhub/pay"
)

type usersCommand struct {
	Show      usersShow      `cmd:"" help:"Show a user, their identities and the journal of merges; personal data are masked."`
	Export    usersExport    `cmd:"" help:"Print everything that is kept about a user, orders included, as JSON."`
	Erase     usersErase     `cmd:"" help:"Erase the personal data of a user; the orders stay."`
	Unmerge   usersUnmerge   `cmd:"" help:"Take back the merge that made this user part of another."`
	Conflicts usersConflicts `cmd:"" help:"List openids that reported another UnionID than before; exit 3 when there are any."`
	Resolve   usersResolve   `cmd:"" help:"Decide a conflict."`
}

type userArg struct {
	ID string `arg:"" help:"User id."`
}

type (
	usersShow   struct{ userArg }
	usersExport struct{ userArg }
	usersErase  struct {
		userArg
		Reason string `help:"For the audit line." required:"" placeholder:"TEXT"`
	}
	usersUnmerge   struct{ userArg }
	usersConflicts struct{}
	usersResolve   struct {
		Conflict string `arg:"" help:"Id of the conflict."`
		As       string `help:"keep: the UnionID on record stands. adopt: the reported one takes its place, and its holder is the same person." required:"" enum:"keep,adopt"`
	}
)

// Run prints one user.
func (s usersShow) Run(c *commands) error {
	return withPeople(c, func(ctx context.Context, p *app.People) error {
		person, err := p.Person(ctx, s.ID)
		if err != nil {
			return err
		}
		records, err := p.Records(ctx, s.ID)
		if err != nil {
			return err
		}
		printPerson(os.Stdout, person, records)
		return nil
	})
}

func printPerson(w io.Writer, p identity.Person, records []model.User) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("user     %s, since %s", p.User.ID, p.User.CreatedAt.Format(time.RFC3339))
	if !p.User.ErasedAt.IsZero() {
		line("erased   %s", p.User.ErasedAt.Format(time.RFC3339))
	}
	if p.User.Phone != "" {
		line("phone    %s", model.Mask(p.User.Phone))
	}
	for _, i := range p.Identities {
		line("identity %s in %s (%s), UnionID %s of %q", model.Mask(i.OpenID), i.AppID, i.Kind, orNone(model.Mask(i.UnionID)), i.OpenPlatform)
	}
	for _, u := range records {
		for _, m := range u.Merges {
			undone := ""
			if !m.UndoneAt.IsZero() {
				undone = ", taken back " + m.UndoneAt.Format(time.RFC3339)
			}
			line("merge    %s into %s, %s, because of %s%s", u.ID, m.Into, m.At.Format(time.RFC3339), m.Cause, undone)
			line("         before: %s had %s; %s had %s", u.ID, masked(m.Loser), m.Into, masked(m.Survivor))
		}
	}
}

func masked(keys []model.IdentityKey) string {
	if len(keys) == 0 {
		return "nothing"
	}
	var texts []string
	for _, k := range keys {
		texts = append(texts, model.Mask(k.OpenID)+" in "+k.AppID)
	}
	return strings.Join(texts, ", ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Run prints what is kept about one user.
func (s usersExport) Run(c *commands) error {
	return withPeople(c, func(ctx context.Context, p *app.People) error {
		person, err := p.Person(ctx, s.ID)
		if err != nil {
			return err
		}
		records, err := p.Records(ctx, s.ID)
		if err != nil {
			return err
		}
		out := export{User: identity.View(person), Orders: []pay.OrderView{}}
		for _, i := range person.Identities {
			out.Identities = append(out.Identities, exportedIdentity{i.AppID, i.OpenID, i.OpenPlatform, i.UnionID, i.CreatedAt})
		}
		var ids []string
		for _, u := range records {
			ids = append(ids, u.ID)
			for _, m := range u.Merges {
				out.Merges = append(out.Merges, exportedMerge{u.ID, m.Into, string(m.Cause), m.At})
			}
		}
		orders, err := p.Orders.ListOrders(ctx, model.OrderFilter{UserIDs: ids})
		if err != nil {
			return err
		}
		for _, o := range orders {
			out.Orders = append(out.Orders, pay.View(o))
		}
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(out)
	})
}

type export struct {
	User       identity.UserView  `json:"user"`
	Identities []exportedIdentity `json:"identities,omitempty"`
	Merges     []exportedMerge    `json:"merges,omitempty"`
	Orders     []pay.OrderView    `json:"orders"`
}

type exportedIdentity struct {
	AppID        string    `json:"app_id"`
	OpenID       string    `json:"open_id"`
	OpenPlatform string    `json:"open_platform,omitempty"`
	UnionID      string    `json:"union_id,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
}

type exportedMerge struct {
	UserID string    `json:"user_id"`
	Into   string    `json:"into"`
	Cause  string    `json:"cause"`
	At     time.Time `json:"at"`
}

// Run erases one user. Session keys in a Redis inside the server are the server's to
// erase: its repair job finds the user by the mark.
func (s usersErase) Run(c *commands) error {
	return withPeople(c, func(ctx context.Context, p *app.People) error {
		if p.SharedRedis {
			if err := p.Erase(ctx, s.ID, s.Reason); err != nil {
				return err
			}
			fmt.Println("erased")
			return nil
		}
		if _, err := p.MarkErased(ctx, s.ID, s.Reason); err != nil {
			return err
		}
		fmt.Println("marked as erased: the id answers with nobody from now on; the server removes the rest within seconds, or when it is started next")
		return nil
	})
}

// Run takes one merge back.
func (s usersUnmerge) Run(c *commands) error {
	return withPeople(c, func(ctx context.Context, p *app.People) error {
		if err := p.Unmerge(ctx, s.ID); err != nil {
			return err
		}
		now, err := p.Survivor(ctx, s.ID)
		if err != nil {
			return err
		}
		if now != s.ID {
			return errors.New("a login has just joined the two again: WeChat reports one UnionID for both")
		}
		fmt.Println("unmerged: " + s.ID + " is a user of its own again")
		return nil
	})
}

// Run lists the open conflicts.
func (usersConflicts) Run(c *commands) error {
	return withPeople(c, func(ctx context.Context, p *app.People) error {
		n := 0
		for after := ""; ; {
			page, err := p.Store.ListConflicts(ctx, model.ConflictOpen, after, 100)
			if err != nil {
				return err
			}
			for _, x := range page {
				fmt.Printf("%s  %s in %s: UnionID %s on record, then %s, user %s, since %s\n", x.ID, model.Mask(x.OpenID), x.AppID,
					model.Mask(x.Recorded), model.Mask(x.Reported), x.UserID, x.CreatedAt.Format(time.RFC3339))
				after = x.ID
			}
			n += len(page)
			if len(page) == 0 {
				break
			}
		}
		if n > 0 {
			return differs{fmt.Errorf("%d open; decide each with: wxhub users resolve ID --as keep|adopt", n)}
		}
		fmt.Println("none")
		return nil
	})
}

// Run decides one conflict.
func (r usersResolve) Run(c *commands) error {
	return withPeople(c, func(ctx context.Context, p *app.People) error {
		err := p.Resolve(ctx, r.Conflict, identity.Resolution(r.As))
		if errors.Is(err, model.ErrNotFound) {
			return errors.New("there is no such conflict; wxhub users conflicts lists those that are open")
		}
		if err != nil {
			return err
		}
		fmt.Println("resolved")
		return nil
	})
}

func withPeople(c *commands, do func(context.Context, *app.People) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return configError{err}
	}
	p, err := app.OpenPeople(ctx, cfg, app.NewLogger(os.Stderr, slog.LevelInfo))
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, p), p.Close())
}
