package push

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/server/edge"
	"wxhub/wx"
)

// Kind is the kind of the tasks that this package adds and does.
const Kind = "wechat_push"

const (
	// patience is how long accepting may take: WeChat waits five seconds, and we want to
	// be heard well before.
	patience = 3 * time.Second
	// nonceTTL is longer than a timestamp is fresh, to both sides.
	nonceTTL = 11 * time.Minute
)

// Opener verifies what WeChat sent. wx/push.Receiver is one.
type Opener interface {
	// CheckURL answers WeChat's check of the callback URL. Errors: app_unknown,
	// push_unverified, push_stale, push_malformed.
	CheckURL(appID string, query url.Values) (echo string, err error)
	// Open verifies and decrypts one delivery. Errors: the same, and push_not_encrypted.
	Open(appID string, d wx.Delivery) (wx.Push, error)
}

// Nonces remembers what was used. redisstore.Store is one.
type Nonces interface {
	// ClaimNonce gives key to by for ttl, unless somebody has it. It returns who has it
	// then, and whether this call gave it.
	ClaimNonce(ctx context.Context, key, by string, ttl time.Duration) (holder string, fresh bool, err error)
}

// Queue accepts tasks. tasks.Queue is one.
type Queue interface {
	Add(ctx context.Context, kind, id string, body []byte) (created bool, err error)
}

// Options are what the route needs.
type Options struct {
	Opener Opener
	// DedupKey is equal for two deliveries of one message, and for no others. wx/push.DedupKey is one.
	DedupKey func(wx.Push) string
	Nonces   Nonces
	Queue    Queue
	Metrics  *edge.Metrics
	Log      *slog.Logger
}

var errReplayed = model.NewError(model.KindForbidden, "push_replayed", "this request was received before")

// Mount adds the routes.
func Mount(app *fiber.App, api huma.API, o Options) {
	const path = "/v1/wechat/"
	h := handlers{o}
	app.Add(fiber.MethodGet, path+":app_id/callback", h.check)
	app.Post(path+":app_id/callback", h.receive)
	describe(api, path+"{app_id}/callback")
}

type handlers struct{ Options }

// check answers WeChat's check of the URL, when an operator enters it in the console.
func (h handlers) check(c *fiber.Ctx) error {
	query, err := queryOf(c)
	if err != nil {
		return err
	}
	echo, err := h.Opener.CheckURL(c.Params("app_id"), query)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff") // the text comes from the request
	c.Type("txt", "utf-8")
	return c.SendString(echo)
}

func (h handlers) receive(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	query, err := queryOf(c)
	if err != nil {
		return err
	}
	appID := c.Params("app_id")
	// Request().Body() is the raw body, copied because it outlives the request.
	body := append([]byte(nil), c.Request().Body()...)
	err = h.accept(ctx, appID, wx.Delivery{Query: query, ContentType: c.Get(fiber.HeaderContentType), Body: body})
	if err != nil {
		h.Metrics.Push(model.CodeOf(err))
		return err
	}
	h.Metrics.Push("ok")
	c.Type("txt", "utf-8")
	return c.SendString("success")
}

// accept verifies a delivery and makes a task of it. nil means that it is durable.
//
// A nonce belongs to the message that it came with first, so nothing else gets in under
// it. The same request again is refused when its task is there: when it is not, storing it
// had failed or the process had died in between, and the repetition is what saves it.
func (h handlers) accept(ctx context.Context, appID string, d wx.Delivery) error {
	p, err := h.Opener.Open(appID, d)
	if err != nil {
		return err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	id := Kind + "." + digest(h.DedupKey(p))
	nonce := digest(appID, d.Query.Get("signature")) // it covers both, whichever is called which
	holder, fresh, err := h.Nonces.ClaimNonce(ctx, nonce, id, nonceTTL)
	switch {
	case err != nil: // Redis is away; the id of the task still keeps a repetition from having an effect
		h.Log.WarnContext(ctx, "a nonce could not be checked", "error", err.Error())
		fresh = true
	case holder != id:
		return errReplayed
	}
	created, err := h.Queue.Add(ctx, Kind, id, text)
	if err == nil && !created && !fresh {
		return errReplayed
	}
	return err
}

// digest is a short id of some texts, without what is personal in them.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

func queryOf(c *fiber.Ctx) (url.Values, error) {
	q, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return nil, wx.ErrPushMalformed
	}
	return q, nil
}

// describe puts the raw routes into the OpenAPI document.
func describe(api huma.API, path string) {
	app := []*huma.Param{{Name: "app_id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	add := func(method, operation, summary, description, ok string) {
		api.OpenAPI().AddOperation(&huma.Operation{
			OperationID: operation, Method: method, Path: path, Tags: []string{"wechat"}, Summary: summary, Description: description, Parameters: app,
			Responses: map[string]*huma.Response{"200": {Description: ok}, "default": {Description: "a problem; WeChat tries again"}},
		})
	}
	add(http.MethodGet, "checkPushURL", "WeChat's check of the callback URL", "Enter this URL, the token and the EncodingAESKey in WeChat's console.", "echostr")
	add(http.MethodPost, "receivePush", "Messages and events of WeChat", "Plain, compatible or safe mode, XML or JSON. With aes_key configured only what is encrypted counts.", "success: it is durable")
}
