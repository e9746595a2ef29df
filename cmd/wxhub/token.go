package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
	"wxhub/model"
	"wxhub/wx/token"
)

type tokenCommand struct {
	Show    tokenShow    `cmd:"" help:"Show the state of the tokens that the servers share."`
	Refresh tokenRefresh `cmd:"" help:"Replace the access token, for all servers at once."`
}

type (
	tokenShow struct {
		App string `help:"App id." required:"" placeholder:"ID"`
	}
	tokenRefresh struct {
		App string `help:"App id." required:"" placeholder:"ID"`
	}
)

// Run prints one line a token; never a whole one.
func (s tokenShow) Run(c *commands) error {
	return withKeeper(c, func(ctx context.Context, k *token.Keeper) error {
		for _, kind := range model.TokenKinds {
			t, err := k.Peek(ctx, model.TokenKey{AppID: s.App, Kind: kind})
			if err != nil && !errors.Is(err, model.ErrNotFound) {
				return err
			}
			printToken(os.Stdout, kind, t, time.Now())
		}
		return nil
	})
}

// Run replaces the access token that is shared at present.
func (r tokenRefresh) Run(c *commands) error {
	return withKeeper(c, func(ctx context.Context, k *token.Keeper) error {
		old, err := k.Token(ctx, r.App, model.AccessToken)
		if err != nil {
			return err
		}
		fresh, err := k.Replace(ctx, r.App, model.AccessToken, old.Value)
		if err != nil {
			return err
		}
		printToken(os.Stdout, model.AccessToken, fresh, time.Now())
		return nil
	})
}

func withKeeper(c *commands, do func(context.Context, *token.Keeper) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return configError{err}
	}
	if cfg.Redis.URL.Equal("embedded:") {
		return errors.New("redis.url is embedded: the tokens are inside the server's process; this command needs a Redis that it shares with the server")
	}
	k, closeKeeper, err := app.OpenKeeper(ctx, cfg, app.NewLogger(os.Stderr, slog.LevelWarn))
	if err != nil {
		return fmt.Errorf("redis.url: %w", err)
	}
	return errors.Join(do(ctx, k), closeKeeper())
}

// printToken tells when a token was fetched and when it ends. Of the token itself it
// shows the beginning, enough to compare with a log of WeChat's.
func printToken(w io.Writer, kind model.TokenKind, t model.Token, now time.Time) {
	if t.Value.IsZero() {
		_, _ = fmt.Fprintf(w, "%-15s none: nobody has asked for it\n", kind)
		return
	}
	value := t.Value.Reveal()
	_, _ = fmt.Fprintf(w, "%-15s %.4s… (%d characters), fetched %s ago, ends in %s\n", kind, value, len(value),
		now.Sub(t.FetchedAt).Round(time.Second), t.ExpiresAt.Sub(now).Round(time.Second))
}
