// Package order serves orders: create, read, list, prepay, close, refund, explain, and pay several
// together. Who may do what with whose order is decided in package pay.
package order

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/pay"
	"wxhub/server/edge"
)

type handlers struct{ pay *pay.Service }

type output struct{ Body pay.OrderView }

// Mount adds the routes.
func Mount(api huma.API, s *pay.Service) {
	h := handlers{s}
	tags, security := []string{"orders"}, edge.UserOrBackend(edge.ScopeOrders)
	edge.Register(api, huma.Operation{
		OperationID: "createOrder", Method: http.MethodPost, Path: "/v1/orders", DefaultStatus: http.StatusCreated,
		Summary: "Create an order", Tags: tags, Security: security, Errors: []int{409, 422},
		Description: "A backend gives merchant_id, amount and description; a user gives collect_code and amount. " +
			"With an Idempotency-Key the same request returns the first answer.",
	}, h.create)
	edge.Register(api, huma.Operation{
		OperationID: "listOrders", Method: http.MethodGet, Path: "/v1/orders",
		Summary: "List orders, newest first", Tags: tags, Security: security, Errors: []int{422},
	}, h.list)
	edge.Register(api, huma.Operation{
		OperationID: "getOrder", Method: http.MethodGet, Path: "/v1/orders/{id}",
		Summary: "One order", Tags: tags, Security: security, Errors: []int{404, 422, 502, 504},
		Description: "With refresh=true WeChat Pay is asked first.",
	}, h.get)
	edge.Register(api, huma.Operation{
		OperationID: "prepayOrder", Method: http.MethodPost, Path: "/v1/orders/{id}/prepay",
		Summary: "Open a payment", Tags: tags, Security: security, Errors: []int{404, 409, 422, 429, 502, 504},
		Description: "Hand `invoke` unchanged to WeChat: wx.requestPayment, WeixinJSBridge or the OpenSDK; show a code_url as a QR code, open an h5_url in the browser. Asking again returns the open payment, signed anew. " +
			"By `code` a backend charges the payer's code, and there is nothing to invoke: the order is paid, or its payment is `pending` while the payer enters a password, " +
			"or `created` when WeChat Pay's answer is not known. Either is followed up: the order is paid within a minute, or the charge is taken back (`reversing`, then `closed`) and another code can be tried; " +
			"until then another payment of the order is 409 `payment_in_progress`. The same auth_code again returns the same payment.",
	}, h.prepay)
	edge.Register(api, huma.Operation{
		OperationID: "closeOrder", Method: http.MethodPost, Path: "/v1/orders/{id}/close",
		Summary: "Close an unpaid order", Tags: tags, Security: security, Errors: []int{404, 409, 502, 504},
	}, h.close)
	h.mountRefunds(api)
	h.mountCombined(api)
}

func (h handlers) mountRefunds(api huma.API) {
	tags, security := []string{"orders"}, edge.Backend(edge.ScopeOrders)
	edge.Register(api, huma.Operation{
		OperationID: "refundOrder", Method: http.MethodPost, Path: "/v1/orders/{id}/refunds", DefaultStatus: http.StatusCreated,
		Summary: "Give money back", Tags: tags, Security: security, Errors: []int{404, 409, 502},
		Description: "All refunds of an order together never exceed what was paid. When WeChat Pay's answer is not known, the refund stands as " +
			"`created` and is carried on with under its number; refund.succeeded or refund.failed tells the end. " +
			"With an Idempotency-Key the same request returns the first answer.",
	}, h.refund)
	edge.Register(api, huma.Operation{
		OperationID: "getRefund", Method: http.MethodGet, Path: "/v1/refunds/{id}",
		Summary: "One refund", Tags: tags, Security: security, Errors: []int{404},
	}, h.getRefund)
	edge.Register(api, huma.Operation{
		OperationID: "orderTimeline", Method: http.MethodGet, Path: "/v1/orders/{id}/timeline",
		Summary: "What happened to an order, in order", Tags: tags, Security: security, Errors: []int{404},
	}, h.timeline)
}

func callerOf(c edge.Caller) pay.Caller {
	return pay.Caller{Backend: !c.IsUser(), UserID: c.Session.UserID, AppID: c.Session.AppID}
}
