package login

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/server/edge"
)

// browserCookie recognises the browser that began a login, so that nobody can make
// another's browser finish it. It says nothing else.
const (
	browserCookie     = "wxhub_browser"
	browserCookieLife = 24 * time.Hour
)

var browserShape = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// door is a login in a browser.
type door struct {
	path, operation, summary, description string
	kind                                  model.AppKind
}

var doors = []door{
	{
		"/v1/login/official-account", "OfficialAccount", "Log in inside WeChat", "Sends the browser to WeChat, which sends it back to the callback: silently with scope snsapi_base, after the person agreed with snsapi_userinfo.",
		model.OfficialAccount,
	},
	{
		"/v1/login/website", "Website", "Log in by QR code", "Sends the browser to WeChat's page with a QR code, which sends it back to the callback.",
		model.Website,
	},
}

// mountBrowser adds the routes that browsers navigate to. They are not huma's: a link
// may have picked up parameters on its way, and the answer is a redirect. They answer
// GET alone, since a HEAD would use the login up.
func (h handlers) mountBrowser(app *fiber.App, api huma.API) {
	for _, d := range doors {
		app.Add(fiber.MethodGet, d.path, func(c *fiber.Ctx) error { return h.start(c, d) })
		app.Add(fiber.MethodGet, d.path+"/callback", func(c *fiber.Ctx) error { return h.finish(c, d) })
		d.describe(api)
	}
}

// start sends the browser to WeChat.
func (h handlers) start(c *fiber.Ctx, d door) error {
	scope := c.Query("scope")
	if d.kind == model.OfficialAccount && scope != "" && scope != identity.ScopeBase && scope != identity.ScopeUserInfo {
		return model.InvalidField("scope", "must be %s or %s", identity.ScopeBase, identity.ScopeUserInfo)
	}
	returnTo, err := safeReturn(c.Query("return_to"), edge.OriginOf(h.publicURL))
	if err != nil {
		return err
	}
	browser := c.Cookies(browserCookie)
	if !browserShape.MatchString(browser) {
		raw := make([]byte, 32)
		_, _ = rand.Read(raw) // crypto/rand does not fail
		browser = base64.RawURLEncoding.EncodeToString(raw)
	}
	to, err := h.identity.StartLogin(c.UserContext(), identity.BrowserLogin{
		AppID: c.Query("app_id"), Kind: d.kind, Scope: scope, ReturnTo: returnTo, Browser: browser,
	}, h.publicURL+d.path+"/callback")
	if err != nil {
		return err
	}
	h.setCookie(c, browserCookie, browser, browserCookieLife)
	return redirect(c, to)
}

// finish logs in whom WeChat sent back.
func (h handlers) finish(c *fiber.Ctx, d door) error {
	code := c.Query("code")
	if code != "" && !codeShape.MatchString(code) {
		return model.InvalidField("code", "is not one of WeChat's")
	}
	l, returnTo, err := h.identity.FinishLogin(c.UserContext(), d.kind, c.Query("state"), c.Cookies(browserCookie), code)
	if err != nil {
		if back := failedReturn(returnTo, err); back != "" {
			edge.ProblemOf(c.UserContext(), err) // for the log line
			return redirect(c, back)
		}
		return err
	}
	h.setCookie(c, edge.SessionCookie, l.Token, l.ExpiresIn)
	return redirect(c, returnTo)
}

// markParameter in return_to asks for the browser even when the login fails: the code of
// the error is put behind its value and a dot, so that a page can say what happened.
const markParameter = "login"

// failedReturn is where a login that failed at WeChat leads; "" is nowhere.
func failedReturn(returnTo string, err error) string {
	u, unreadable := url.Parse(returnTo)
	if unreadable != nil || !u.Query().Has(markParameter) {
		return ""
	}
	q := u.Query()
	q.Set(markParameter, q.Get(markParameter)+"."+model.CodeOf(err))
	u.RawQuery = q.Encode()
	return u.String()
}

var codeShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// redirect must not be cached, and its URL, which may hold a code, must not be passed on
// as a referrer.
func redirect(c *fiber.Ctx, to string) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	return c.Redirect(to, fiber.StatusFound)
}

func (h handlers) setCookie(c *fiber.Ctx, name, value string, life time.Duration) {
	cookie := edge.NewCookie(name, value, life, h.publicURL)
	c.Append(fiber.HeaderSetCookie, cookie.String())
}

// afterLogin is where a browser goes that did not say where it wanted to.
const afterLogin = "/v1/me"

const maxReturn = 2048

var errReturn = model.InvalidField("return_to", "must be a path on this site, such as /shop?page=1")

// safeReturn is return_to as a path on our own origin.
func safeReturn(raw, origin string) (string, error) {
	if raw == "" {
		return afterLogin, nil
	}
	odd := func(r rune) bool { return r == '\\' || unicode.IsControl(r) || unicode.IsSpace(r) }
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxReturn || !utf8.ValidString(raw) || strings.ContainsFunc(raw, odd) || u.User != nil || u.Opaque != "" {
		return "", errReturn
	}
	if (u.Scheme != "" || u.Host != "") && edge.OriginOf(raw) != origin {
		return "", errReturn
	}
	if u.Path == "" && u.Host != "" {
		u.Path = "/"
	}
	u.Scheme, u.Host = "", ""
	path := u.EscapedPath()
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return "", errReturn
	}
	return u.String(), nil
}

// describe puts the two routes of a door into the OpenAPI document.
func (d door) describe(api huma.API) {
	text := func(name, description string, required bool) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: description, Required: required, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	start := []*huma.Param{text("app_id", "", true), text("return_to", "path on this site; "+afterLogin+" when absent. With a parameter login, a login that fails at WeChat returns there too, with a dot and the code of the error behind its value", false)}
	if d.kind == model.OfficialAccount {
		start = append(start, text("scope", "snsapi_base (default) or snsapi_userinfo", false))
	}
	answers := func(what string) map[string]*huma.Response {
		return map[string]*huma.Response{"302": {Description: what}, "default": {Description: "a problem, as everywhere"}}
	}
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "login" + d.operation, Method: http.MethodGet, Path: d.path, Tags: []string{"login"},
		Summary: d.summary, Description: d.description, Parameters: start, Responses: answers("to WeChat"),
	})
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "finishLogin" + d.operation, Method: http.MethodGet, Path: d.path + "/callback", Tags: []string{"login"},
		Summary:     "Where WeChat sends the browser back",
		Description: "Sets the cookie " + edge.SessionCookie + ". The state works once, in the browser that began.",
		Parameters:  []*huma.Param{text("code", "from WeChat", false), text("state", "", true)},
		Responses:   answers("to return_to, logged in"),
	})
}
