package h5

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"wxhub/identity"
	"wxhub/model"
)

// loginMark is the parameter by which a page knows that a login has brought its reader
// back: the scope's short name, and after a dot the code of the error when it failed
// (server/login appends it). Without it a browser that keeps no cookies would go round in
// circles.
const loginMark = "login"

const (
	loginBase = "base" // silent
	loginFull = "full" // the person agrees
)

// account is the official account in which a merchant's payers pay; "" when there is none.
func (h handlers) account(merchantID, subMerchantID string) string {
	if apps := h.Pay.AppsFor(merchantID, subMerchantID, model.MethodOfficialAccount); len(apps) > 0 {
		return apps[0]
	}
	return ""
}

// known reports whether the visitor can pay in an official account already.
func (h handlers) known(c *fiber.Ctx, v visit, appID string) (bool, error) {
	if v.userID == "" {
		return false, nil
	}
	_, err := h.People.OpenID(c.UserContext(), v.userID, appID)
	if err == nil {
		return true, nil
	}
	if kind := model.AsError(err).Kind; kind == model.KindUnavailable || kind == model.KindInternal {
		return false, err
	}
	return false, nil
}

// recognise makes sure that a visitor inside WeChat is logged in. done means that the
// answer is written: a redirect to WeChat, or a page that says why that is of no use.
func (h handlers) recognise(c *fiber.Ctx, v visit, appID string) (done bool, err error) {
	if v.scene != SceneWeChat {
		return false, nil
	}
	if appID == "" {
		return true, render(c, fiber.StatusOK, "message.html", messagePage{
			frame: v.frame(say(v.lang, "no_channel")), Mark: "stop", Text: say(v.lang, "no_channel_text"),
		})
	}
	known, err := h.known(c, v, appID)
	if err != nil {
		return false, err
	}
	if known && c.Query(loginMark) != "" { // not for whoever the address is shared with
		private(c)
		return true, c.Redirect(here(c, ""), fiber.StatusFound)
	}
	if known {
		return false, nil
	}
	scope, code, _ := strings.Cut(c.Query(loginMark), ".")
	switch {
	case scope == "":
		return true, h.toLogin(c, appID, identity.ScopeBase, loginBase)
	case scope == loginBase && code == identity.ErrSnapshot.Code: // with consent there is no snapshot
		return true, h.toLogin(c, appID, identity.ScopeUserInfo, loginFull)
	}
	key := "login_failed"
	if code == identity.ErrDenied.Code {
		key = "login_denied"
	}
	return true, render(c, fiber.StatusForbidden, "message.html", messagePage{
		frame: v.frame(say(v.lang, key)), Mark: "stop", Text: say(v.lang, key+"_text"),
		To: here(c, ""), ToSay: say(v.lang, "again"),
	})
}

// toLogin sends the browser to the login, which sends it back here.
func (h handlers) toLogin(c *fiber.Ctx, appID, scope, mark string) error {
	private(c)
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	q := url.Values{"app_id": {appID}, "scope": {scope}, "return_to": {here(c, mark)}}
	return c.Redirect("/v1/login/official-account?"+q.Encode(), fiber.StatusFound)
}

// carried are the parameters of our pages. Nothing else of a query is passed on.
var carried = []string{"amount", "from"}

// here is the address of this page, as a path on our own site.
func here(c *fiber.Ctx, mark string) string {
	q := url.Values{}
	for _, name := range carried {
		if value := c.Query(name); value != "" && len(value) <= 16 {
			q.Set(name, value)
		}
	}
	if mark != "" {
		q.Set(loginMark, mark)
	}
	u := url.URL{Path: c.Path(), RawQuery: q.Encode()}
	return u.String()
}
