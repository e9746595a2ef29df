package app

import (
	"context"
	"encoding/json"
	"time"

	"wxhub/cmd/internal/config"
	"wxhub/model"
	"wxhub/server/harvest"
	"wxhub/server/notify"
	"wxhub/server/push"
	"wxhub/server/tasks"
	"wxhub/wx"
	"wxhub/wx/mini"
	"wxhub/wx/mp"
	"wxhub/wx/oauth"
)

// sites is the OAuth client with the platform's address, which browsers are sent to.
type sites struct {
	*oauth.Client
	config *config.Config
}

// LoginURL is where a browser goes to log in.
func (s sites) LoginURL(appID, redirectURI, scope, state string) string {
	for _, a := range s.config.WeChat.Apps {
		if a.ID == appID && a.Kind == model.Website {
			return oauth.QRConnectURL(s.config.WeChat.Endpoints.Open, appID, redirectURI, scope, state)
		}
	}
	return oauth.AuthorizeURL(s.config.WeChat.Endpoints.Open, appID, redirectURI, scope, state)
}

func loginSites(c *config.Config) (out []wx.LoginSite) {
	for _, a := range c.WeChat.Apps {
		if a.Kind != model.MiniProgram {
			out = append(out, wx.LoginSite{AppID: a.ID, Kind: a.Kind, Secret: a.Secret})
		}
	}
	return out
}

func pushSettings(c *config.Config, now func() time.Time) (out []wx.PushSettings) {
	for _, a := range c.WeChat.Apps {
		if !a.Token.IsZero() {
			out = append(out, wx.PushSettings{AppID: a.ID, Token: a.Token, AESKey: a.AESKey, Now: now})
		}
	}
	return out
}

// wireTasks makes the queue and the harvester.
func (a *App) wireTasks(minis *mini.Client, accounts *mp.Client, ids model.IDs) {
	messages := &push.Handler{People: a.people, Followers: accounts, IDs: ids, Now: time.Now, Log: a.options.Log}
	a.tasks = tasks.New(tasks.Options{
		Store: a.store.tasks, Now: time.Now, Log: a.options.Log, OnTask: a.work.Ring, OnEvent: a.events.Ring,
		Handlers: map[string]tasks.Handler{
			push.Kind: messages.Handle, harvest.PaidKind: harvest.Paid(minis, a.people), notify.Kind: notify.Handler(a.pay),
		},
	})
	o := harvest.Options{
		Accounts: accounts, People: a.people, Cursors: a.store.tasks, Migrated: map[string]string{},
		Every: a.config.Jobs.HarvestInterval, Now: time.Now, Log: a.options.Log,
	}
	for _, app := range a.config.WeChat.Apps {
		if app.Kind != model.OfficialAccount {
			continue
		}
		if app.OpenPlatform != "" && o.Every > 0 {
			o.Followers = append(o.Followers, app.ID)
		}
		if app.MigratedFrom != "" {
			o.Migrated[app.ID] = app.MigratedFrom
		}
	}
	a.harvest = harvest.New(o)
}

// askUnionID has the payer's UnionID asked for, in mini-programs that can have one and
// unless it is known. The payment does not depend on it.
func (a *App) askUnionID(ctx context.Context, p model.Payment) {
	if p.OpenID == "" { // anybody could pay: by QR code, in a browser, with their own code
		return
	}
	for _, app := range a.config.WeChat.Apps {
		if app.ID != p.AppID || app.Kind != model.MiniProgram || app.OpenPlatform == "" {
			continue
		}
		known, err := a.people.UnionIDKnown(ctx, model.IdentityKey{AppID: p.AppID, OpenID: p.OpenID})
		if known {
			return
		}
		var body []byte
		if err == nil {
			body, err = json.Marshal(harvest.Payment{AppID: p.AppID, OpenID: p.OpenID, TransactionID: p.TransactionID})
		}
		if err == nil {
			_, err = a.tasks.Add(ctx, harvest.PaidKind, harvest.PaidKind+"."+p.TransactionID, body)
		}
		if err != nil {
			a.options.Log.WarnContext(ctx, "the payer's UnionID will not be asked for", "app_id", p.AppID, "error", err.Error())
		}
	}
}
