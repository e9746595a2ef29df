package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"wxhub/cmd/internal/config"
	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/wx/api"
	"wxhub/wx/mp"
	"wxhub/wx/token"
	"wxhub/wx/transport"
)

func weChatClient(c *config.Config) (*http.Client, error) {
	return transport.NewClient(hosts(c))
}

func hosts(c *config.Config) transport.Hosts {
	e := c.WeChat.Endpoints
	return transport.Hosts{"api.weixin.qq.com": e.API, "open.weixin.qq.com": e.Open, "api.mch.weixin.qq.com": e.Mch}
}

func newKeeper(c *config.Config, shelf token.Shelf, client *http.Client, log *slog.Logger, m token.Metrics) *token.Keeper {
	return token.New(token.Options{
		Apps: tokenApps(c), Shelf: shelf, Source: token.Platform{Client: client}, Now: time.Now, Log: log, Metrics: m,
	})
}

// tokenApps are the apps that have tokens of their own.
func tokenApps(c *config.Config) (out []token.App) {
	for _, a := range c.WeChat.Apps {
		if a.Kind != model.MiniProgram && a.Kind != model.OfficialAccount {
			continue // websites and mobile apps have tokens of users only
		}
		out = append(out, token.App{ID: a.ID, Secret: a.Secret, Classic: a.ClassicToken})
	}
	return out
}

// OpenAccounts makes a client of official accounts for an operator's command. Close it in the end.
func OpenAccounts(ctx context.Context, c *config.Config, log *slog.Logger) (*mp.Client, func() error, error) {
	client, err := weChatClient(c)
	if err != nil {
		return nil, nil, err
	}
	keeper, closeKeeper, err := OpenKeeper(ctx, c, log)
	if err != nil {
		return nil, nil, err
	}
	return mp.New(api.Client{HTTP: client, Tokens: keeper}), closeKeeper, nil
}

// OpenKeeper makes a token keeper for an operator's command, with a connection to the
// Redis that the servers share. Close it in the end.
func OpenKeeper(ctx context.Context, c *config.Config, log *slog.Logger) (*token.Keeper, func() error, error) {
	client, err := weChatClient(c)
	if err != nil {
		return nil, nil, err
	}
	shelf, err := redisstore.Open(ctx, c.Redis.URL.Reveal())
	if err != nil {
		return nil, nil, err
	}
	return newKeeper(c, shelf, client, log, nil), shelf.Close, nil
}
