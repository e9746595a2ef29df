package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
	"wxhub/model"
)

type notifyCommand struct {
	List   notifyList   `cmd:"" help:"List the notifications of WeChat Pay that were refused or wait; exit 3 when there are any."`
	Replay notifyReplay `cmd:"" help:"Do again what kept notifications say; exit 3 when one is still refused."`
}

type (
	notifyList struct {
		Status string `help:"refused, waiting or done." enum:"open,refused,waiting,done" default:"open"`
		Limit  int    `help:"How many at most, the newest first." default:"100"`
	}
	notifyReplay struct {
		IDs []string `arg:"" optional:"" name:"id" help:"Ids, as wxhub notify list prints them; without any, all that are refused or wait."`
	}
)

var notifyStatuses = map[string][]model.TaskStatus{
	"open": {model.TaskDead, model.TaskPending}, "refused": {model.TaskDead}, "waiting": {model.TaskPending}, "done": {model.TaskDone},
}

var notifyWords = map[model.TaskStatus]string{model.TaskDead: "refused", model.TaskPending: "waiting", model.TaskDone: "done"}

// Run lists the inbox.
func (l notifyList) Run(c *commands) error {
	return withApp(c, func(ctx context.Context, a *app.App) error {
		open := 0
		for _, status := range notifyStatuses[l.Status] {
			list, err := a.Notifications(ctx, status, l.Limit)
			if err != nil {
				return err
			}
			for _, n := range list {
				fmt.Printf("%s  %s, received %s, tried %d times  %s\n", n.ID, notifyWords[n.Status], n.ReceivedAt.Format(time.RFC3339), n.Attempts, n.LastError)
				if n.Status != model.TaskDone {
					open++
				}
			}
		}
		if open > 0 {
			return differs{fmt.Errorf("%d refused or waiting; when the cause is mended: wxhub notify replay [ID…]", open)}
		}
		return nil
	})
}

// allAtOnce is how many open notifications one replay takes, more than an inbox should ever hold.
const allAtOnce = 100_000

// Run replays notifications.
func (r notifyReplay) Run(c *commands) error {
	return withApp(c, func(ctx context.Context, a *app.App) error {
		ids := r.IDs
		if len(ids) == 0 {
			for _, status := range notifyStatuses["open"] {
				list, err := a.Notifications(ctx, status, allAtOnce)
				if err != nil {
					return err
				}
				for _, n := range list {
					ids = append(ids, n.ID)
				}
			}
		}
		refused := 0
		for _, id := range ids {
			err := a.ReplayNotification(ctx, id)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(err, model.ErrNotFound):
				return fmt.Errorf("%s is not in the inbox; wxhub notify list --status done shows what was done in the last week", id)
			case errors.Is(err, model.ErrUnavailable):
				return err
			case err != nil:
				refused++
				fmt.Printf("%s  refused: %v\n", id, err)
			default:
				fmt.Printf("%s  done\n", id)
			}
		}
		if refused > 0 {
			return differs{fmt.Errorf("%d of %d still refused", refused, len(ids))}
		}
		return nil
	})
}

// withApp opens everything that a server has but its listener and its jobs.
func withApp(c *commands, do func(context.Context, *app.App) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return configError{err}
	}
	a, err := app.Open(ctx, cfg, app.Options{Version: version, Log: app.NewLogger(os.Stderr, slog.LevelWarn)})
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, a), a.Close())
}
