// Package notify receives WeChat Pay's notifications.
//
// They come as raw bytes, because the signature is over the bytes: nothing may
// parse the body before it is verified. The answer is WeChat Pay's own form, not a
// problem: 204 when what the notification says is durable, anything else makes
// WeChat Pay send it again.
//
// The inbox (inbox.go) keeps every verified notification as it came, before it is acted on,
// as a task: when this process dies or the store fails, the task goes on by itself; what
// is not true of our orders stays there, refused, for an operator to see and to replay. What
// is not verified is never kept: whoever forges could fill the store.
package notify

import (
	"bytes"
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"wxhub/server/edge"
)

// patience is how long one notification may take. WeChat Pay gives up after 5 s; an
// answer that it does not hear is a retry for nothing.
const patience = 4 * time.Second

type failure struct {
	Code    string `json:"code" enum:"FAIL"`
	Message string `json:"message"`
}

// Options are what the route needs.
type Options struct {
	Payments Payments
	Queue    Queue
	Now      func() time.Time
	Metrics  *edge.Metrics
}

// Mount adds the route.
func Mount(app *fiber.App, api huma.API, o Options) {
	const path = "/v1/notify/wechat-pay/"
	app.Post(path+":merchant_id", func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), patience)
		defer cancel()
		n := Notice{MerchantID: utils.CopyString(c.Params("merchant_id")), Header: map[string][]byte{}, ReceivedAt: o.Now()}
		// Request().Body() is the raw body; Fiber's c.Body() would decode it.
		n.Body = bytes.Clone(c.Request().Body())
		for _, name := range signed {
			n.Header[name] = []byte(c.Get(name))
		}
		err := o.receive(ctx, n)
		if err == nil {
			o.Metrics.Notification("ok")
			return c.SendStatus(fiber.StatusNoContent)
		}
		p := edge.ProblemOf(c.UserContext(), err)
		o.Metrics.Notification(p.Code)
		return c.Status(p.Status).JSON(failure{Code: "FAIL", Message: p.Detail})
	})
	describe(api, path+"{merchant_id}")
}

func (o Options) receive(ctx context.Context, n Notice) error {
	id, err := o.Payments.Receive(ctx, n.MerchantID, func(name string) string { return string(n.Header[name]) }, n.Body)
	if err != nil {
		return err
	}
	return keep(ctx, o.Queue, id, n)
}

// describe puts the raw route into the OpenAPI document.
func describe(api huma.API, path string) {
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "notifyWeChatPay", Method: fiber.MethodPost, Path: path, Tags: []string{"wechat"},
		Summary:     "WeChat Pay's notifications",
		Description: "Called by WeChat Pay with its Wechatpay-* signature headers. Anything but 204 makes it call again.",
		Parameters:  []*huma.Param{{Name: "merchant_id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}},
		Responses: map[string]*huma.Response{
			"204":     {Description: "what it says is durable"},
			"default": {Description: `not accepted: {"code":"FAIL","message"}`},
		},
	})
}
