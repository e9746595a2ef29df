package edge

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"wxhub/model"
)

// BodyLimit is the largest request body, in bytes. A notification has about 2 KiB.
const BodyLimit = 256 << 10

// NewApp makes the Fiber app with what every route has: request id, log line,
// recovery from panics, refusal of compressed bodies, problems for every error.
func NewApp(log *slog.Logger, m *Metrics) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName: "wxhub", DisableStartupMessage: true,
		Immutable:      true, // strings of a request outlive it in stores and goroutines
		BodyLimit:      BodyLimit,
		ReadBufferSize: 16 << 10, // headers; the default of 4 KiB refuses long cookies
		ReadTimeout:    15 * time.Second,
		WriteTimeout:   30 * time.Second,
		IdleTimeout:    90 * time.Second,
		ErrorHandler:   answer,
	})
	app.Use(Observe(log, m), recovery, plainBodies)
	return app
}

// answer writes any error as a problem.
func answer(c *fiber.Ctx, err error) error {
	var p *Problem
	var fe *fiber.Error
	switch {
	case errors.As(err, &p):
	case errors.As(err, &fe):
		p = newProblem(c.UserContext(), fe.Code, codeOfStatus(fe.Code), fe.Message)
		note(c.UserContext(), p.Code, nil)
	default:
		p = ProblemOf(c.UserContext(), err)
	}
	if p.RequestID != "" {
		c.Set(HeaderRequestID, p.RequestID)
	}
	return c.Status(p.Status).JSON(p, problemType)
}

// recovery turns a panic into an internal error with the place it came from.
func recovery(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = ProblemOf(c.UserContext(), fmt.Errorf("panic: %v\n%s", r, stack()))
		}
	}()
	return c.Next()
}

// plainBodies refuses a compressed body: Fiber would unpack it without a limit.
func plainBodies(c *fiber.Ctx) error {
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "request bodies must not be compressed")
	}
	return c.Next()
}

// NewAPI puts huma on the app: OpenAPI 3.1 at /openapi.json, made from the Go types.
func NewAPI(app *fiber.App, version string, auth *Auth) huma.API {
	bindHuma()
	config := huma.DefaultConfig("wxhub", version)
	config.Info.Description = "Login and WeChat Pay behind one API. Amounts are integer fen, times are RFC 3339, errors are RFC 9457 problems with a stable `code`."
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		schemeSession: {Type: "http", Scheme: "bearer", Description: "a user's session token, from a login"},
		schemeKey:     {Type: "http", Scheme: "bearer", Description: "a business backend's API key, from server.api_keys"},
	}
	api := humafiber.New(app, config)
	api.UseMiddleware(auth.require(api))
	return api
}

var errUnauthenticated = model.NewError(model.KindUnauthenticated, "unauthenticated", "send Authorization: Bearer with a session token or an API key")
