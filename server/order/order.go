// Package order serves orders: create, read, list, prepay, close. Who may do what
// with whose order is decided in package pay.
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
		Description: "Hand `invoke` unchanged to wx.requestPayment. Asking again returns the open payment, signed anew.",
	}, h.prepay)
	edge.Register(api, huma.Operation{
		OperationID: "closeOrder", Method: http.MethodPost, Path: "/v1/orders/{id}/close",
		Summary: "Close an unpaid order", Tags: tags, Security: security, Errors: []int{404, 409, 502, 504},
	}, h.close)
}

func callerOf(c edge.Caller) pay.Caller {
	return pay.Caller{Backend: !c.IsUser(), UserID: c.Session.UserID, AppID: c.Session.AppID}
}
