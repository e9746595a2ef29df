package wxapi

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/server/edge"
	"wxhub/wx"
)

// Keeper hands tokens out and knows them again. wx/token.Keeper is one.
type Keeper interface {
	Hand(ctx context.Context, appID string, kind model.TokenKind, holder string) (model.Token, error)
	Holders(ctx context.Context, appID, token string) ([]string, error)
}

// Forwarder passes calls on to WeChat. wx/forward.Forwarder is one.
type Forwarder interface {
	Do(ctx context.Context, appID string, c wx.Call) (wx.Answer, error)
}

// Options are what Mount needs.
type Options struct {
	Keeper    Keeper
	Forwarder Forwarder
	Auth      *edge.Auth
	Limits    *edge.Limits
	Now       func() time.Time
	Log       *slog.Logger
}

type handlers struct{ Options }

const base = "/v1/wxapi/"

// Mount adds the routes.
func Mount(app *fiber.App, api huma.API, o Options) {
	h := handlers{o}
	group := app.Group(base + ":app_id")
	group.Get("/cgi-bin/token", h.token)
	group.Post("/cgi-bin/stable_token", h.token)
	group.Get("/cgi-bin/ticket/getticket", h.ticket)
	group.Post("/cgi-bin/ticket/getticket", h.ticket) // PowerWeChat asks so
	group.Get("/*", h.forward)
	group.Post("/*", h.forward)
	describe(api)
}

// token answers as /cgi-bin/token and /cgi-bin/stable_token do.
func (h handlers) token(c *fiber.Ctx) error {
	appID := c.Params("app_id")
	named, secret := secretOf(c)
	key, err := h.byKey(c, secret)
	if err == nil && named != "" && named != appID {
		err = model.InvalidField("appid", "is not the app of this URL")
	}
	if err == nil {
		err = h.Limits.Read(key)
	}
	if err != nil {
		return h.refuse(c, err)
	}
	t, err := h.Keeper.Hand(c.UserContext(), appID, model.AccessToken, key)
	if err != nil {
		return h.refuse(c, err)
	}
	h.audit(c, "access token given", key)
	return c.JSON(struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}{t.Value.Reveal(), h.left(t)})
}

var ticketKinds = map[string]model.TokenKind{"jsapi": model.JSAPITicket, "wx_card": model.WxCardTicket}

var errTicketType = model.NewError(model.KindInvalid, "ticket_type_unknown", "type is jsapi or wx_card")

// ticket answers as /cgi-bin/ticket/getticket does.
func (h handlers) ticket(c *fiber.Ctx) error {
	kind, known := ticketKinds[c.Query("type")]
	key, err := h.byKeyOrToken(c)
	if err == nil {
		err = h.Limits.Read(key)
	}
	if err == nil && !known {
		err = errTicketType
	}
	if err != nil {
		return h.refuse(c, err)
	}
	t, err := h.Keeper.Hand(c.UserContext(), c.Params("app_id"), kind, key)
	if err != nil {
		return h.refuse(c, err)
	}
	h.audit(c, "ticket given", key)
	return c.JSON(struct {
		ErrCode   int    `json:"errcode"`
		ErrMsg    string `json:"errmsg"`
		Ticket    string `json:"ticket"`
		ExpiresIn int64  `json:"expires_in"`
	}{0, "ok", t.Value.Reveal(), h.left(t)})
}

// forward passes any other call on.
func (h handlers) forward(c *fiber.Ctx) error {
	key, err := h.byKeyOrToken(c)
	if err == nil {
		err = h.Limits.Read(key)
	}
	if err != nil {
		return h.refuse(c, err)
	}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return h.refuse(c, model.InvalidField("query", "cannot be read"))
	}
	query.Del("secret")
	answer, err := h.Forwarder.Do(c.UserContext(), c.Params("app_id"), wx.Call{
		Method: c.Method(), Path: "/" + c.Params("*"), Query: query, // as it came: an escaped path is not allowed
		ContentType: c.Get(fiber.HeaderContentType), Body: bytes.Clone(c.Request().Body()), // net/http may read on after the answer
	})
	if err != nil {
		return h.refuse(c, err)
	}
	h.audit(c, "call forwarded", key)
	if answer.ContentDisposition != "" {
		c.Set(fiber.HeaderContentDisposition, answer.ContentDisposition)
	}
	c.Set(fiber.HeaderContentType, answer.ContentType)
	return c.Status(answer.Status).Send(answer.Body)
}

func (h handlers) left(t model.Token) int64 {
	return max(int64(t.ExpiresAt.Sub(h.Now()).Seconds()), 0)
}

func (h handlers) audit(c *fiber.Ctx, what, key string) {
	h.Log.InfoContext(c.UserContext(), what, "audit", true, "key", key, "app_id", c.Params("app_id"))
}

// secretOf reads appid and secret the way the two token calls carry them.
func secretOf(c *fiber.Ctx) (appID, secret string) {
	var body struct {
		AppID  string `json:"appid"`
		Secret string `json:"secret"`
	}
	if c.Method() == fiber.MethodPost && json.Unmarshal(c.Request().Body(), &body) == nil && body.Secret != "" {
		return body.AppID, body.Secret
	}
	return c.Query("appid"), c.Query("secret")
}
