// Package docs serves the readable form of the OpenAPI document at /docs. All of it
// is inside the binary: it works without the internet.
package docs

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"
)

// Mount adds the routes.
func Mount(app *fiber.App) {
	ui := v5emb.NewWithConfig(swgui.Config{
		HideCurl: true,
		SettingsUI: map[string]string{
			"validatorUrl": "null", // it would be asked at another host
		},
	})("wxhub API", "/openapi.json", "/docs/")
	page := adaptor.HTTPHandler(ui)
	app.Get("/docs", func(c *fiber.Ctx) error {
		if strings.HasSuffix(c.Path(), "/") {
			return c.Next() // to Fiber, /docs/ is /docs
		}
		return c.Redirect("/docs/", fiber.StatusMovedPermanently)
	})
	app.Get("/docs/*", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:")
		if err := page(c); err != nil || c.Response().StatusCode() != fiber.StatusNotFound {
			return err
		}
		return fiber.ErrNotFound
	})
}
