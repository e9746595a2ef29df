// Package jsconfig signs pages for WeChat's JS-SDK: GET /v1/apps/{app_id}/js-config gives
// what wx.config takes (PROTOCOL §6.4). Browsers call it, from the hosts that the operator
// allows for the app and from no other; the page says its own address, because behind a
// proxy or a CDN the server cannot know it.
package jsconfig

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/server/edge"
)

// Tickets gives tickets of the JS-SDK. wx/token.Keeper is one; the errors are those
// listed there.
type Tickets interface {
	Token(ctx context.Context, appID string, kind model.TokenKind) (model.Token, error)
}

// Options are what Mount needs.
type Options struct {
	Hosts    map[string][]string // by official account: the hosts whose pages may use it, in lower case
	Tickets  Tickets
	Sign     func(ticket model.Secret, nonce string, timestamp int64, pageURL string) string
	Visitors *edge.Visitors
	Proxies  edge.Proxies
	Now      func() time.Time
}

type handlers struct{ Options }

const path = "/v1/apps/:app_id/js-config"

// Mount adds the route. It is not huma's: refusals must carry the CORS header too, or a
// page could not read them.
func Mount(app *fiber.App, api huma.API, o Options) {
	app.Get(path, handlers{o}.get)
	describe(api)
}

// answer is what wx.config takes, in the spelling of this API.
type answer struct {
	AppID     string `json:"app_id"`
	Timestamp int64  `json:"timestamp"`
	NonceStr  string `json:"nonce_str"`
	Signature string `json:"signature"`
}

var errApp = model.NewError(model.KindNotFound, "app_unknown", "no official account with this app_id is configured here")

func (h handlers) get(c *fiber.Ctx) error {
	appID := c.Params("app_id")
	hosts, known := h.Hosts[appID]
	c.Set(fiber.HeaderVary, fiber.HeaderOrigin)
	c.Set(fiber.HeaderCacheControl, "no-store")
	if origin, err := url.Parse(c.Get(fiber.HeaderOrigin)); err == nil && slices.Contains(hosts, HostOf(origin)) {
		c.Set(fiber.HeaderAccessControlAllowOrigin, c.Get(fiber.HeaderOrigin))
	}
	if !known {
		return errApp
	}
	page, err := pageOf(c.Query("url"), hosts)
	if err == nil {
		err = h.Visitors.Allow(h.Proxies.ClientIP(c.IP(), c.Get(fiber.HeaderXForwardedFor)))
	}
	if err != nil {
		return err
	}
	ticket, err := h.Tickets.Token(c.UserContext(), appID, model.JSAPITicket)
	if err != nil {
		return err
	}
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // crypto/rand does not fail
	nonce, now := hex.EncodeToString(raw), h.Now().Unix()
	return c.JSON(answer{appID, now, nonce, h.Sign(ticket.Value, nonce, now, page)})
}

const maxURL = 2048

var errPage = model.InvalidField("url", "must be the whole address of the page, http or https, as location.href gives it")

// pageOf is the address that is signed: as the page gave it, without what follows '#'.
func pageOf(text string, hosts []string) (string, error) {
	page, _, _ := strings.Cut(text, "#")
	odd := func(r rune) bool { return r == '\\' || unicode.IsControl(r) || unicode.IsSpace(r) }
	u, err := url.Parse(page)
	if err != nil || len(page) > maxURL || strings.ContainsFunc(page, odd) || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return "", errPage
	}
	if !slices.Contains(hosts, HostOf(u)) {
		return "", model.InvalidField("url", "is on a host that may not use this app; the operator lists hosts in js_hosts")
	}
	return page, nil
}

// HostOf is the host of a URL in lower case, with its port unless it is the usual one.
func HostOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	return strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[strings.ToLower(u.Scheme)])
}

func describe(api huma.API) {
	text := func(name, in, description string) *huma.Param {
		return &huma.Param{Name: name, In: in, Required: true, Description: description, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "jsConfig", Method: fiber.MethodGet, Path: "/v1/apps/{app_id}/js-config", Tags: []string{"wechat"},
		Summary:     "Sign a page for the JS-SDK",
		Description: "What wx.config takes. For pages on the hosts in js_hosts, in a browser. What follows '#' in url does not count. On iOS give the address that the app was entered at; /static/js-config.js does.",
		Parameters:  []*huma.Param{text("app_id", "path", "of an official account"), text("url", "query", "the page's whole address")},
		Responses: map[string]*huma.Response{
			"200": {Description: "for wx.config", Content: map[string]*huma.MediaType{"application/json": {
				Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"app_id", "timestamp", "nonce_str", "signature"}, Properties: map[string]*huma.Schema{
					"app_id": {Type: huma.TypeString}, "timestamp": {Type: huma.TypeInteger}, "nonce_str": {Type: huma.TypeString}, "signature": {Type: huma.TypeString},
				}},
			}}},
			"default": {Description: "a problem, as everywhere"},
		},
	})
}
