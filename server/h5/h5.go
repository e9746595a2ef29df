package h5

import (
	"context"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
)

// People recognises payers. identity.Service is one. Authenticate returns session_invalid
// for a session that is none; OpenID payer_has_no_openid for somebody who never came
// through the app.
type People interface {
	Authenticate(ctx context.Context, token string) (model.Session, error)
	OpenID(ctx context.Context, userID, appID string) (string, error)
}

// Payments is what pages need of the money side. pay.Service is one; the errors are those
// listed there.
type Payments interface {
	CollectCode(id string) (pay.CollectCode, bool)
	AppsFor(merchantID, subMerchantID string, m model.Method) []string
	Create(ctx context.Context, r pay.CreateRequest, key pay.IdempotencyKey) (model.Order, error)
	Visible(ctx context.Context, id string, c pay.Caller) (model.Order, error)
	Refresh(ctx context.Context, id string) (model.Order, error)
	Prepay(ctx context.Context, r pay.PrepayRequest) (pay.Prepaid, error)
}

// Options are what Mount needs.
type Options struct {
	People      People
	Pay         Payments
	PublicURL   string // where browsers see wxhub, without a trailing slash
	Proxies     edge.Proxies
	VerifyFiles map[string]string // by name, such as MP_verify_x.txt
	PosterFont  []byte            // TrueType, OpenType or a collection; nil: Latin only
	Now         func() time.Time
	Log         *slog.Logger
}

type handlers struct {
	Options
	origin   string
	asks     *recently
	visitors *edge.Visitors
	poster   *posterFonts
}

// An address may make as many orders as a busy counter behind one router does.
const changesPerSecond, changesBurst = 5, 120

// Mount adds the routes.
func Mount(app *fiber.App, o Options) {
	h := handlers{
		Options: o, origin: edge.OriginOf(o.PublicURL), asks: newRecently(askEvery),
		visitors: edge.NewVisitors(changesPerSecond, changesBurst), poster: newPosterFonts(o.PosterFont),
	}
	app.Get("/c/:code/poster.png", h.posterPNG)
	app.Get("/c/:code/poster.svg", h.posterSVG)
	app.Get("/c/:code", h.page(h.leadIn))
	app.Post("/c/:code", h.page(h.collect))
	app.Get("/pay/:id", h.page(h.cashier))
	app.Post("/pay/:id/prepay", h.prepay)
	app.Get("/pay/:id/state", h.state)
	app.Get("/static/:file", static)
	for name, content := range o.VerifyFiles {
		app.Get("/"+name, func(c *fiber.Ctx) error { return c.SendString(content) })
	}
}

// visit is one request for a page.
type visit struct {
	scene  Scene
	lang   lang
	userID string // "" without a session
	ip     string
}

func (v visit) caller() pay.Caller { return pay.Caller{UserID: v.userID} }

// visit reads who asks and where they are. Errors: unavailable.
func (h handlers) visit(c *fiber.Ctx) (visit, error) {
	v := visit{
		scene: SceneOf(c.Get(fiber.HeaderUserAgent)), lang: langOf(c.Get(fiber.HeaderAcceptLanguage)),
		ip: h.Proxies.ClientIP(c.IP(), c.Get(fiber.HeaderXForwardedFor)),
	}
	token := c.Cookies(edge.SessionCookie)
	if token == "" {
		return v, nil
	}
	s, err := h.People.Authenticate(c.UserContext(), token)
	if err != nil && model.AsError(err).Kind == model.KindUnauthenticated {
		return v, nil
	}
	v.userID = s.UserID
	return v, err
}

// change guards what changes something: it must come from a page of ours, and not too often.
func (h handlers) change(c *fiber.Ctx, v visit) error {
	if err := edge.SameOrigin(h.origin, c.Get(fiber.HeaderOrigin), c.Get("Sec-Fetch-Site")); err != nil {
		return err
	}
	return h.visitors.Allow(v.ip)
}
