package edge

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"wxhub/model"
)

// BodyLimit is the largest request body but that of an upload, in bytes. A notification has about 2 KiB.
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
		// What the router answers goes through Observe. This is for the rest: requests
		// that were no HTTP, which get an id and a log line all the same.
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			return observe(c, log, m, func() error { return unreadable(err) })
		},
	})
	app.Server().Handler = knownMethods(app.Server().Handler, app.Server().ErrorHandler)
	app.Server().HeaderReceived = largerUploads
	app.Use(Observe(log, m), recovery, readableTarget, plainBodies)
	return app
}

// answer writes any error as a problem. What Fiber says is left out: it quotes the
// request, credentials included.
func answer(c *fiber.Ctx, err error) error {
	var p *Problem
	var fe *fiber.Error
	switch {
	case errors.As(err, &p):
	case errors.As(err, &fe):
		p = httpProblem(c.UserContext(), fe.Code)
	default:
		p = ProblemOf(c.UserContext(), err)
	}
	return c.Status(p.Status).JSON(p, problemType)
}

// unreadable says that what went wrong on the way in is the client's: Fiber calls a
// connection that breaks off a bad gateway.
func unreadable(err error) error {
	var fe *fiber.Error
	if errors.As(err, &fe) && fe.Code < fiber.StatusInternalServerError {
		return fe
	}
	return fiber.ErrBadRequest
}

// knownMethods refuses a method that is not one: Fiber would do it in plain text.
func knownMethods[C interface{ Method() []byte }](next func(C), refuse func(C, error)) func(C) {
	return func(c C) {
		if !slices.Contains(fiber.DefaultMethods, string(c.Method())) {
			refuse(c, fiber.ErrBadRequest)
			return
		}
		next(c)
	}
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

// readableTarget refuses a target that net/url cannot read: the adaptor of net/http
// would answer it with a 500, and huma would overlook the parameters it cannot read.
func readableTarget(c *fiber.Ctx) error {
	u, err := url.ParseRequestURI(c.OriginalURL())
	if err == nil {
		_, err = url.ParseQuery(u.RawQuery)
	}
	if err != nil {
		return fiber.ErrBadRequest
	}
	return c.Next()
}

// plainBodies refuses a compressed body: Fiber would unpack it without a limit.
func plainBodies(c *fiber.Ctx) error {
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return fiber.ErrUnsupportedMediaType
	}
	return c.Next()
}

// NewAPI puts huma on the app: OpenAPI 3.1 at /openapi.json, made from the Go types.
func NewAPI(app *fiber.App, version string, auth *Auth) huma.API {
	bindHuma()
	config := huma.DefaultConfig("wxhub", version)
	config.Info.Description = "Login and WeChat Pay behind one API. Amounts are integer fen, times are RFC 3339, errors are RFC 9457 problems with a stable `code`."
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.Tags = []*huma.Tag{
		{Name: "login", Description: "People"}, {Name: "orders", Description: "Money"}, {Name: "users", Description: "For business backends"},
		{Name: "merchants", Description: "For service providers"},
		{Name: "tokens", Description: "For other programs that call WeChat"},
		{Name: "wechat", Description: "Called by WeChat"}, {Name: "operator", Description: "For whoever runs it"},
	}
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	config.RejectUnknownQueryParameters = true
	config.Formats = map[string]huma.Format{"application/json": strictJSON, "json": strictJSON}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		schemeSession: {Type: "http", Scheme: "bearer", Description: "a user's session token, from a login"},
		schemeKey:     {Type: "http", Scheme: "bearer", Description: "a business backend's API key, from server.api_keys"},
	}
	api := humafiber.New(app, config)
	api.UseMiddleware(auth.require(api))
	return api
}

var errUnauthenticated = model.NewError(model.KindUnauthenticated, "unauthenticated", "send Authorization: Bearer with a session token or an API key")
