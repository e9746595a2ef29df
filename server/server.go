// Package server is what comes in: HTTP by capability, one directory each, mounted
// here; and the jobs that run beside it (jobs, webhook). It holds no business rules:
// those are in identity and pay.
package server

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"wxhub/identity"
	"wxhub/pay"
	"wxhub/server/docs"
	"wxhub/server/edge"
	"wxhub/server/health"
	"wxhub/server/login"
	"wxhub/server/notify"
	"wxhub/server/order"
	"wxhub/server/user"
)

// Options are what a server is made of.
type Options struct {
	API      bool // without it: health and metrics only
	Identity *identity.Service
	Pay      *pay.Service
	Keys     []edge.Key
	Checks   health.Checks
	Metrics  *edge.Metrics
	Version  string
	Log      *slog.Logger
}

// New makes the HTTP server with every route of the contract that this version has.
func New(o Options) *fiber.App {
	app := edge.NewApp(o.Log, o.Metrics)
	api := edge.NewAPI(app, o.Version, edge.NewAuth(o.Identity, o.Keys))
	health.Mount(app, api, o.Checks, o.Metrics.Registry)
	if !o.API {
		return app
	}
	login.Mount(api, o.Identity)
	user.Mount(api, o.Identity)
	order.Mount(api, o.Pay)
	notify.Mount(app, api, o.Pay, o.Metrics)
	docs.Mount(app)
	return app
}
