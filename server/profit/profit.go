// Package profit serves profit sharing (分账): who may receive parts of a merchant's payments,
// the parts themselves, and their return. The rules are in package pay.
package profit

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
)

type handlers struct{ pay *pay.Service }

// Mount adds the routes.
func Mount(api huma.API, s *pay.Service) {
	h := handlers{s}
	tags, security := []string{"profit sharing"}, edge.Backend(edge.ScopeOrders)
	const once = " With an Idempotency-Key the same request returns the first answer."
	edge.Register(api, huma.Operation{
		OperationID: "shareProfit", Method: http.MethodPost, Path: "/v1/orders/{id}/profit-sharings", DefaultStatus: http.StatusCreated,
		Summary: "Share what was paid", Tags: tags, Security: security, Errors: []int{404, 409, 502, 504},
		Description: "Of an order that was created with profit_sharing. All parts and refunds together never exceed what was paid. WeChat Pay shares a minute after " +
			"the payment at the earliest; until then, and when its answer is not known, it stands as `created` and is carried on with under its number." + once,
	}, h.share)
	edge.Register(api, huma.Operation{
		OperationID: "listProfitSharings", Method: http.MethodGet, Path: "/v1/orders/{id}/profit-sharings",
		Summary: "The profit sharings of an order, the oldest first", Tags: tags, Security: security, Errors: []int{404},
	}, h.list)
	edge.Register(api, huma.Operation{
		OperationID: "unfreezeProfit", Method: http.MethodPost, Path: "/v1/orders/{id}/profit-sharings/unfreeze", DefaultStatus: http.StatusCreated,
		Summary: "Give what is left to the merchant", Tags: tags, Security: security, Errors: []int{404, 409, 502, 504},
		Description: "Nothing more of the payment can be shared then." + once,
	}, h.unfreeze)
	edge.Register(api, huma.Operation{
		OperationID: "unsplitAmount", Method: http.MethodGet, Path: "/v1/orders/{id}/profit-sharings/remaining",
		Summary: "How much can still be shared, asked of WeChat Pay", Tags: tags, Security: security, Errors: []int{404, 409, 502, 504},
	}, h.remaining)
	edge.Register(api, huma.Operation{
		OperationID: "getProfitSharing", Method: http.MethodGet, Path: "/v1/profit-sharings/{id}",
		Summary: "One profit sharing", Tags: tags, Security: security, Errors: []int{404, 502, 504},
		Description: "With refresh=true WeChat Pay is asked first.",
	}, h.get)
	edge.Register(api, huma.Operation{
		OperationID: "returnProfit", Method: http.MethodPost, Path: "/v1/profit-sharings/{id}/returns", DefaultStatus: http.StatusCreated,
		Summary: "Take a part back from a merchant that received it", Tags: tags, Security: security, Errors: []int{404, 409, 502, 504},
		Description: "All returns of a part together never exceed it." + once,
	}, h.giveBack)
	h.mountReceivers(api, tags)
}

// Keyed is a request that may be repeated. huma reads embedded structs only when they are exported.
type Keyed struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" patternDescription:"printable ASCII" doc:"makes a retry safe"`
}

func (k Keyed) key(ctx context.Context) pay.IdempotencyKey {
	return pay.IdempotencyKey{Scope: "key:" + edge.CallerOf(ctx).KeyName, Key: k.IdempotencyKey}
}

type profitPart struct {
	Type        string `json:"type" enum:"MERCHANT_ID,PERSONAL_OPENID,PERSONAL_SUB_OPENID"`
	Account     string `json:"account" minLength:"1" maxLength:"64"`
	Name        string `json:"name,omitempty" maxLength:"128" doc:"checked by WeChat Pay, sent encrypted"`
	Amount      int64  `json:"amount" minimum:"1" maximum:"1000000000" doc:"fen"`
	Description string `json:"description" minLength:"1" maxLength:"80"`
}

type shareProfitInput struct {
	ID string `path:"id"`
	Keyed
	Body struct {
		Receivers       []profitPart `json:"receivers" minItems:"1" maxItems:"50" nullable:"false"`
		UnfreezeUnsplit bool         `json:"unfreeze_unsplit,omitempty" doc:"what is left goes to the merchant"`
	}
}

type output struct{ Body pay.ProfitSharingView }

func (h handlers) share(ctx context.Context, in *shareProfitInput) (*output, error) {
	r := pay.ProfitSharingRequest{UnfreezeUnsplit: in.Body.UnfreezeUnsplit}
	for _, p := range in.Body.Receivers {
		r.Receivers = append(r.Receivers, pay.ProfitPart{
			Type: p.Type, Account: p.Account, Name: p.Name, Amount: model.Fen(p.Amount), Description: p.Description,
		})
	}
	return view(h.pay.ShareProfit(ctx, in.ID, r, in.key(ctx)))
}

func view(o model.Order, x model.ProfitSharing, err error) (*output, error) {
	if err != nil {
		return nil, err
	}
	return &output{pay.ViewProfitSharing(o, x)}, nil
}

type unfreezeInput struct {
	ID string `path:"id"`
	Keyed
	Body struct {
		Description string `json:"description" minLength:"1" maxLength:"80"`
	}
}

func (h handlers) unfreeze(ctx context.Context, in *unfreezeInput) (*output, error) {
	return view(h.pay.ShareProfit(ctx, in.ID, pay.ProfitSharingRequest{Description: in.Body.Description}, in.key(ctx)))
}

type orderInput struct {
	ID string `path:"id"`
}

type sharingsOutput struct {
	Body struct {
		Data []pay.ProfitSharingView `json:"data" nullable:"false"`
	}
}

func (h handlers) list(ctx context.Context, in *orderInput) (*sharingsOutput, error) {
	o, err := h.pay.Order(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &sharingsOutput{}
	out.Body.Data = []pay.ProfitSharingView{}
	for _, x := range o.ProfitSharings {
		out.Body.Data = append(out.Body.Data, pay.ViewProfitSharing(o, x))
	}
	return out, nil
}

type unsplitOutput struct {
	Body struct {
		UnsplitAmount int64 `json:"unsplit_amount" doc:"fen"`
	}
}

func (h handlers) remaining(ctx context.Context, in *orderInput) (*unsplitOutput, error) {
	amount, err := h.pay.UnsplitAmount(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &unsplitOutput{}
	out.Body.UnsplitAmount = amount
	return out, nil
}

type getInput struct {
	ID      string `path:"id"`
	Refresh bool   `query:"refresh" doc:"ask WeChat Pay first"`
}

func (h handlers) get(ctx context.Context, in *getInput) (*output, error) {
	return view(h.pay.FindProfitSharing(ctx, in.ID, in.Refresh))
}

type returnProfitInput struct {
	ID string `path:"id"`
	Keyed
	Body struct {
		MerchantID  string `json:"merchant_id" minLength:"1" maxLength:"32" doc:"who received the part"`
		Amount      int64  `json:"amount" minimum:"1" maximum:"1000000000" doc:"fen"`
		Description string `json:"description" minLength:"1" maxLength:"80"`
	}
}

type returnProfitOutput struct{ Body pay.ProfitReturnView }

func (h handlers) giveBack(ctx context.Context, in *returnProfitInput) (*returnProfitOutput, error) {
	r, err := h.pay.ReturnProfit(ctx, in.ID, pay.ProfitReturnRequest{
		MerchantID: in.Body.MerchantID, Amount: model.Fen(in.Body.Amount), Description: in.Body.Description,
	}, in.key(ctx))
	if err != nil {
		return nil, err
	}
	return &returnProfitOutput{pay.ViewProfitReturn(r)}, nil
}
