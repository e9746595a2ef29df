// Package server is what comes in: HTTP by capability, one directory each, mounted
// here; and the jobs that run beside it (jobs, webhook). It holds no business rules:
// those are in identity and pay.
package server

import (
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wxhub/identity"
	"wxhub/pay"
	"wxhub/pay/applyment"
	"wxhub/server/apptoken"
	"wxhub/server/docs"
	"wxhub/server/edge"
	"wxhub/server/h5"
	"wxhub/server/health"
	"wxhub/server/jsconfig"
	"wxhub/server/login"
	"wxhub/server/merchant"
	"wxhub/server/notify"
	"wxhub/server/order"
	"wxhub/server/profit"
	"wxhub/server/push"
	"wxhub/server/shipping"
	"wxhub/server/transfer"
	"wxhub/server/user"
	"wxhub/server/wxapi"
)

// Options are what a server is made of.
type Options struct {
	API        bool // without it: health and metrics only
	Identity   *identity.Service
	Pay        *pay.Service
	Applyments *applyment.Service
	Shipping   *shipping.Shipper
	Keys       []edge.Key
	Checks     health.Checks
	PublicURL  string // where WeChat and browsers see wxhub, without a trailing slash
	Push       push.Options
	Inbox      notify.Queue // keeps WeChat Pay's notifications
	Tokens     TokenKeeper
	Pages      h5.Options       // what is not in these options already
	JSConfig   jsconfig.Options // likewise
	Forwarder  wxapi.Forwarder
	Now        func() time.Time
	Metrics    *edge.Metrics
	Version    string
	Log        *slog.Logger
}

// TokenKeeper keeps access tokens. wx/token.Keeper is one.
type TokenKeeper interface {
	apptoken.Keeper
	wxapi.Keeper
	jsconfig.Tickets
}

// New makes the HTTP server with every route of the contract that this version has.
func New(o Options) *fiber.App {
	app := edge.NewApp(o.Log, o.Metrics)
	auth := edge.NewAuth(o.Identity, o.Keys, o.PublicURL)
	api := edge.NewAPI(app, o.Version, auth)
	health.Mount(app, api, o.Checks, o.Metrics.Registry)
	if !o.API {
		return app
	}
	login.Mount(app, api, o.Identity, o.PublicURL)
	user.Mount(api, o.Identity)
	order.Mount(api, o.Pay)
	notify.Mount(app, api, notify.Options{Payments: o.Pay, Queue: o.Inbox, Now: o.Now, Metrics: o.Metrics})
	shipping.Mount(api, o.Shipping)
	profit.Mount(api, o.Pay)
	transfer.Mount(api, o.Pay)
	merchant.Mount(api, o.Applyments)
	push.Mount(app, api, o.Push)
	limits := edge.NewLimits()
	apptoken.Mount(api, o.Tokens, limits, o.Now, o.Log)
	wxapi.Mount(app, api, wxapi.Options{Keeper: o.Tokens, Forwarder: o.Forwarder, Auth: auth, Limits: limits, Now: o.Now, Log: o.Log})
	o.mountPages(app, api)
	docs.Mount(app)
	return app
}

// A page asks once when it is opened; an office behind one address has many.
const jsConfigsPerSecond, jsConfigsBurst = 10, 200

// mountPages adds what payers' browsers see.
func (o Options) mountPages(app *fiber.App, api huma.API) {
	pages := o.Pages
	pages.People, pages.Pay, pages.PublicURL, pages.Now, pages.Log = o.Identity, o.Pay, o.PublicURL, o.Now, o.Log
	h5.Mount(app, pages)
	config := o.JSConfig
	config.Tickets, config.Now, config.Proxies = o.Tokens, o.Now, o.Pages.Proxies
	config.Visitors = edge.NewVisitors(jsConfigsPerSecond, jsConfigsBurst)
	jsconfig.Mount(app, api, config)
}
