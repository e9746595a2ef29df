package order

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
)

func (h handlers) mountCombined(api huma.API) {
	tags, security := []string{"combined orders"}, edge.UserOrBackend(edge.ScopeOrders)
	edge.Register(api, huma.Operation{
		OperationID: "createCombinedOrder", Method: http.MethodPost, Path: "/v1/combined-orders", DefaultStatus: http.StatusCreated,
		Summary: "Let orders be paid together", Tags: tags, Security: security, Errors: []int{404, 409, 422},
		Description: "Two to ten unpaid orders of one merchant or one service provider, of one payer or of nobody yet. Each stays an order of its own: " +
			"it is paid by its own out_trade_no and transaction_id, has its own order.paid, and is refunded by itself. " +
			"With an Idempotency-Key the same request returns the first answer.",
	}, h.combine)
	edge.Register(api, huma.Operation{
		OperationID: "getCombinedOrder", Method: http.MethodGet, Path: "/v1/combined-orders/{id}",
		Summary: "One combined order with its orders", Tags: tags, Security: security, Errors: []int{404, 422, 502, 504},
		Description: "For whoever may see all its orders. With refresh=true WeChat Pay is asked first.",
	}, h.getCombined)
	edge.Register(api, huma.Operation{
		OperationID: "prepayCombinedOrder", Method: http.MethodPost, Path: "/v1/combined-orders/{id}/prepay",
		Summary: "Open one payment of all the orders", Tags: tags, Security: security, Errors: []int{404, 409, 422, 429, 502, 504},
		Description: "As for one order. Every other open payment of one of the orders is closed first, and a payment of one of them that is opened later closes this one: " +
			"no order can be paid in two ways. Payers' codes pay one order only.",
	}, h.prepayCombined)
	edge.Register(api, huma.Operation{
		OperationID: "closeCombinedOrder", Method: http.MethodPost, Path: "/v1/combined-orders/{id}/close",
		Summary: "Close all the orders, none of which is paid", Tags: tags, Security: security, Errors: []int{404, 409, 502, 504},
	}, h.closeCombined)
}

type combinedOutput struct{ Body pay.CombinedOrderView }

type combineInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" patternDescription:"printable ASCII" doc:"makes a retry safe"`
	Body           struct {
		Orders []string `json:"orders" minItems:"2" maxItems:"10" nullable:"false" doc:"ids of different orders"`
	}
}

func (h handlers) combine(ctx context.Context, in *combineInput) (*combinedOutput, error) {
	caller := edge.CallerOf(ctx)
	key := pay.IdempotencyKey{Scope: "key:" + caller.KeyName, Key: in.IdempotencyKey}
	if caller.IsUser() {
		key.Scope = "user:" + caller.Session.UserID
	}
	return viewCombined(h.pay.Combine(ctx, in.Body.Orders, callerOf(caller), key))
}

type getCombinedInput struct {
	ID      string `path:"id"`
	Refresh bool   `query:"refresh" doc:"ask WeChat Pay first"`
}

func (h handlers) getCombined(ctx context.Context, in *getCombinedInput) (*combinedOutput, error) {
	return viewCombined(h.pay.FindCombined(ctx, in.ID, callerOf(edge.CallerOf(ctx)), in.Refresh))
}

type prepayCombinedInput struct {
	ID   string `path:"id"`
	Body struct {
		Method   string `json:"method" enum:"mini_program,official_account,native,h5,app"`
		AppID    string `json:"app_id,omitempty" maxLength:"64" doc:"the app that the payer pays in; a user's session knows it"`
		ClientIP string `json:"client_ip,omitempty" maxLength:"45" doc:"for h5: the address of the payer's browser"`
	}
}

type combinedPrepaid struct {
	CombinedOrder pay.CombinedOrderView   `json:"order" doc:"the combined order"`
	Payment       pay.CombinedPaymentView `json:"payment"`
	Invoke        invoke                  `json:"invoke" doc:"hand it unchanged to WeChat; what is in it depends on the method"`
}

type prepayCombinedOutput struct{ Body combinedPrepaid }

func (h handlers) prepayCombined(ctx context.Context, in *prepayCombinedInput) (*prepayCombinedOutput, error) {
	p, err := h.pay.PrepayCombined(ctx, pay.PrepayRequest{
		OrderID: in.ID, Method: model.Method(in.Body.Method), AppID: in.Body.AppID, ClientIP: in.Body.ClientIP, Caller: callerOf(edge.CallerOf(ctx)),
	})
	if err != nil {
		return nil, err
	}
	return &prepayCombinedOutput{combinedPrepaid{pay.ViewCombined(p.Combined), pay.ViewCombinedPayment(p.Combined, p.Payment), invoke(p.Invoke)}}, nil
}

type closeCombinedInput struct {
	ID string `path:"id"`
}

func (h handlers) closeCombined(ctx context.Context, in *closeCombinedInput) (*combinedOutput, error) {
	return viewCombined(h.pay.CloseCombined(ctx, in.ID, callerOf(edge.CallerOf(ctx))))
}

func viewCombined(c pay.Combined, err error) (*combinedOutput, error) {
	if err != nil {
		return nil, err
	}
	return &combinedOutput{pay.ViewCombined(c)}, nil
}
