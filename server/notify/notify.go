// Package notify receives WeChat Pay's notifications.
//
// They come as raw bytes, because the signature is over the bytes: nothing may
// parse the body before it is verified. The answer is WeChat Pay's own form, not a
// problem: 204 when what the notification says is durable, anything else makes
// WeChat Pay send it again.
package notify

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wxhub/pay"
	"wxhub/server/edge"
)

// patience is how long one notification may take. WeChat Pay gives up after 5 s; an
// answer that it does not hear is a retry for nothing.
const patience = 4 * time.Second

type failure struct {
	Code    string `json:"code" enum:"FAIL"`
	Message string `json:"message"`
}

// Mount adds the route.
func Mount(app *fiber.App, api huma.API, s *pay.Service, m *edge.Metrics) {
	const path = "/v1/notify/wechat-pay/"
	app.Post(path+":merchant_id", func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), patience)
		defer cancel()
		// Request().Body() is the raw body; Fiber's c.Body() would decode it.
		err := s.Notify(ctx, c.Params("merchant_id"), func(name string) string { return c.Get(name) }, c.Request().Body())
		if err == nil {
			m.Notification("ok")
			return c.SendStatus(fiber.StatusNoContent)
		}
		p := edge.ProblemOf(c.UserContext(), err)
		m.Notification(p.Code)
		return c.Status(p.Status).JSON(failure{Code: "FAIL", Message: p.Detail})
	})
	describe(api, path+"{merchant_id}")
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
