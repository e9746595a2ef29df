package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
	"wxhub/cmd/internal/menu"
	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/mp"
)

type menuCommand struct {
	Plan   menuPlan   `cmd:"" help:"Show how WeChat's menu differs from the configuration; exit 3 when it does. Changes nothing."`
	Push   menuPush   `cmd:"" help:"Make WeChat's menu the one of the configuration."`
	Show   menuShow   `cmd:"" help:"Show the menu that WeChat has."`
	Delete menuDelete `cmd:"" help:"Remove the menu at WeChat, with those for some followers."`
}

type menuArg struct {
	App string `help:"App id of the official account." required:"" placeholder:"ID"`
}

type (
	menuPlan   struct{ menuArg }
	menuPush   struct{ menuArg }
	menuShow   struct{ menuArg }
	menuDelete struct{ menuArg }
)

// Run prints the drift.
func (p menuPlan) Run(c *commands) error {
	return p.withMenus(c, func(ctx context.Context, m *mp.Client, want wx.Menu) error {
		have, err := menuOf(ctx, m, p.App)
		if err != nil {
			return err
		}
		drift := menu.Drift(have, want)
		fmt.Print(drift)
		if drift != "" {
			return differs{fmt.Errorf("the menu of %s differs; wxhub menu push --app %s makes it so", p.App, p.App)}
		}
		fmt.Println("no drift")
		return nil
	})
}

// Run makes it so.
func (p menuPush) Run(c *commands) error {
	return p.withMenus(c, func(ctx context.Context, m *mp.Client, want wx.Menu) error {
		if len(want.Buttons) == 0 {
			return fmt.Errorf("wechat.apps: %s has no menu in the configuration; wxhub menu delete removes the one at WeChat", p.App)
		}
		have, err := menuOf(ctx, m, p.App)
		if err != nil {
			return err
		}
		drift := menu.Drift(have, want)
		if drift == "" {
			fmt.Println("no drift")
			return nil
		}
		fmt.Print(drift)
		if err := menu.Push(ctx, m, p.App, have, want); err != nil {
			return fmt.Errorf("%w; some of it may be done: wxhub menu plan shows what is left", err)
		}
		fmt.Println("pushed; followers see it when they enter the account again, in five minutes at the latest")
		return nil
	})
}

// Run prints what WeChat has.
func (s menuShow) Run(c *commands) error {
	return s.withMenus(c, func(ctx context.Context, m *mp.Client, _ wx.Menu) error {
		have, err := menuOf(ctx, m, s.App)
		if err != nil {
			return err
		}
		text := menu.Text(have)
		if text == "" {
			text = "no menu\n"
		}
		fmt.Print(text)
		return nil
	})
}

// Run removes all menus.
func (d menuDelete) Run(c *commands) error {
	return d.withMenus(c, func(ctx context.Context, m *mp.Client, _ wx.Menu) error {
		if err := m.DeleteMenus(ctx, d.App); err != nil && !errors.Is(err, wx.ErrNoMenu) {
			return err
		}
		fmt.Println("deleted")
		return nil
	})
}

// menuOf is the menu that WeChat has, which may be none.
func menuOf(ctx context.Context, m *mp.Client, appID string) (wx.Menu, error) {
	have, err := m.Menu(ctx, appID)
	if errors.Is(err, wx.ErrNoMenu) {
		return wx.Menu{}, nil
	}
	return have, err
}

func (a menuArg) withMenus(c *commands, do func(context.Context, *mp.Client, wx.Menu) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return configError{err}
	}
	account, err := a.account(cfg)
	if err != nil {
		return configError{err}
	}
	want, err := menu.Wanted(account, cfg.Server.PublicURL)
	if err != nil {
		return configError{err}
	}
	if account.ClassicToken && cfg.Redis.URL.Equal("embedded:") {
		return errors.New("redis.url is embedded and the app has classic_token: fetching a token here would end the server's; give both one Redis, or use the stable token")
	}
	m, closeClient, err := app.OpenAccounts(ctx, cfg, app.NewLogger(os.Stderr, slog.LevelWarn))
	if err != nil {
		return fmt.Errorf("redis.url: %w", err)
	}
	return errors.Join(do(ctx, m, want), closeClient())
}

// account finds the official account of the command line.
func (a menuArg) account(cfg *config.Config) (config.App, error) {
	var ids []string
	for _, one := range cfg.WeChat.Apps {
		if one.Kind == model.OfficialAccount {
			ids = append(ids, one.ID)
		}
	}
	at := slices.IndexFunc(cfg.WeChat.Apps, func(one config.App) bool { return one.ID == a.App })
	if at < 0 || !slices.Contains(ids, a.App) {
		return config.App{}, fmt.Errorf("--app: %s is not an official account of wechat.apps; there: %s", a.App, strings.Join(append(ids, "none")[:max(len(ids), 1)], ", "))
	}
	return cfg.WeChat.Apps[at], nil
}
