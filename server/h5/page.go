package h5

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/server/edge"
)

//go:embed template
var templateFiles embed.FS

var templates = template.Must(template.New("").Option("missingkey=error").ParseFS(templateFiles, "template/*"))

// frame is what every page has.
type frame struct {
	Lang  lang
	Title string
	Head  string // of the document; the browser's title bar
}

func (v visit) frame(title string) frame { return frame{Lang: v.lang, Title: title, Head: title} }

// Say is a sentence in the reader's language.
func (f frame) Say(key string, args ...any) string { return say(f.Lang, key, args...) }

// Link is the URL of a static file.
func (frame) Link(file string) string { return links[file] }

// policy lets a page load what is ours and nothing else. WeixinJSBridge needs no permission:
// WeChat puts it into the page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// The referrer policies. same-origin tells other sites nothing, and keeps the Origin of our
// own forms, which no-referrer would not. WeChat Pay's H5 page refuses a browser that does
// not say which site it comes from.
const (
	referrerNone = "same-origin"
	referrerH5   = "strict-origin"
)

// page makes a handler that answers with a page, errors included.
func (h handlers) page(serve func(*fiber.Ctx, visit) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := h.visit(c)
		if err == nil {
			err = serve(c, v)
		}
		if err != nil {
			return h.refuse(c, v, err)
		}
		return nil
	}
}

// render answers with a page.
func render(c *fiber.Ctx, status int, name string, data any) error {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	private(c)
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderVary, "Accept-Language, User-Agent, Cookie")
	if c.GetRespHeader(fiber.HeaderReferrerPolicy) == "" {
		c.Set(fiber.HeaderReferrerPolicy, referrerNone)
	}
	return c.Status(status).Send(out.Bytes())
}

// private keeps an answer out of every cache.
func private(c *fiber.Ctx) { c.Set(fiber.HeaderCacheControl, "no-store") }

// messagePage says one thing, and where to go on from there.
type messagePage struct {
	frame
	Mark      string // which sign is above it: ask, stop or phone
	Text      string
	QR        *qrCode // of Address
	Address   string  // shown, to be opened elsewhere
	To, ToSay string  // where the button leads
	RequestID string  // for support, when it was our fault
}

// refusals are the errors that have words of their own for payers.
var refusals = map[string]string{
	"order_not_found": "not_found", "collect_code_unknown": "not_found", "not_your_order": "not_yours", "too_many_requests": "slow_down",
	"cross_origin": "cross_origin",
}

// refuse answers with a page that says what is wrong.
func (h handlers) refuse(c *fiber.Ctx, v visit, err error) error {
	p := edge.ProblemOf(c.UserContext(), err)
	key, ok := refusals[p.Code]
	if !ok {
		key = "trouble"
	}
	m := messagePage{frame: v.frame(say(v.lang, key)), Mark: "stop", Text: say(v.lang, key+"_text")}
	if p.Status >= http.StatusInternalServerError {
		m.RequestID = p.RequestID
	}
	return render(c, p.Status, "message.html", m)
}

var errNoCode = model.NewError(model.KindNotFound, "collect_code_unknown", "there is no such code")
