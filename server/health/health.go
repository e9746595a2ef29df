// Package health tells operators how it goes: /healthz (the process lives),
// /readyz (each dependency answers) and /metrics (Prometheus).
package health

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// probeTime bounds the check of one dependency.
const probeTime = 2 * time.Second

// Checks are the dependencies by name.
type Checks map[string]func(context.Context) error

// Mount adds the routes.
func Mount(app *fiber.App, api huma.API, checks Checks, r *prometheus.Registry) {
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "ok"}) })
	app.Get("/readyz", func(c *fiber.Ctx) error { return ready(c, checks) })
	app.Get("/metrics", adaptor.HTTPHandler(promhttp.HandlerFor(r, promhttp.HandlerOpts{})))
	describe(api, "/healthz", "healthz", "Whether the process lives", "200")
	describe(api, "/readyz", "readyz", "Whether each dependency answers", "200", "503")
	describe(api, "/metrics", "metrics", "Prometheus metrics", "200")
}

// ready asks all dependencies at once. It names the faulty ones and keeps the
// reason, which may hold an address, for the log of the dependency itself.
func ready(c *fiber.Ctx, checks Checks) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), probeTime)
	defer cancel()
	type verdict struct {
		name string
		err  error
	}
	verdicts := make(chan verdict, len(checks))
	for name, check := range checks {
		go func() { verdicts <- verdict{name, check(ctx)} }()
	}
	answer, status := fiber.Map{}, "ok"
	for range checks {
		v := <-verdicts
		answer[v.name] = "ok"
		if v.err != nil {
			answer[v.name], status = "unavailable", "unavailable"
		}
	}
	if status != "ok" {
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.JSON(fiber.Map{"status": status, "dependencies": answer})
}

func describe(api huma.API, path, id, summary string, statuses ...string) {
	responses := map[string]*huma.Response{}
	for _, s := range statuses {
		responses[s] = &huma.Response{Description: summary}
	}
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: id, Method: fiber.MethodGet, Path: path, Summary: summary, Tags: []string{"operator"}, Responses: responses,
	})
}
