// Package health tells operators how it goes: /healthz (the process lives),
// /readyz (each dependency answers) and /metrics (Prometheus).
package health

import (
	"context"
	"fmt"
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

// ready asks all dependencies at once, and waits for none longer than probeTime. It
// names the faulty ones and keeps the reason, which may hold an address, for the log
// of the dependency itself.
func ready(c *fiber.Ctx, checks Checks) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), probeTime)
	defer cancel()
	type verdict struct {
		name string
		err  error
	}
	verdicts := make(chan verdict, len(checks))
	answer := fiber.Map{}
	for name, check := range checks {
		answer[name] = "unavailable" // until it says otherwise
		go func() { verdicts <- verdict{name, probe(ctx, check)} }()
	}
	well := 0
	for range checks {
		select {
		case v := <-verdicts:
			if v.err == nil {
				answer[v.name] = "ok"
				well++
			}
		case <-ctx.Done():
		}
	}
	status := "ok"
	if well < len(checks) {
		status = "unavailable"
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.JSON(fiber.Map{"status": status, "dependencies": answer})
}

// probe turns a panic into an error: it runs outside of the recovery of requests.
func probe(ctx context.Context, check func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return check(ctx)
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
