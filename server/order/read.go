package order

import (
	"context"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
)

type getInput struct {
	ID      string `path:"id"`
	Refresh bool   `query:"refresh" doc:"ask WeChat Pay first"`
}

func (h handlers) get(ctx context.Context, in *getInput) (*output, error) {
	caller := callerOf(edge.CallerOf(ctx))
	o, err := h.pay.Visible(ctx, in.ID, caller)
	if err == nil && in.Refresh {
		o, err = h.pay.Refresh(ctx, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return &output{pay.View(o)}, nil
}

type listInput struct {
	UserID        string    `query:"user_id" maxLength:"64"`
	MerchantID    string    `query:"merchant_id" maxLength:"32"`
	Status        string    `query:"status" enum:"created,pending,paid,partially_refunded,refunded,closed"`
	CreatedAfter  time.Time `query:"created_after" doc:"exclusive"`
	CreatedBefore time.Time `query:"created_before" doc:"exclusive"`
	Limit         int       `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor        string    `query:"cursor" maxLength:"64" doc:"next_cursor of the page before"`
}

type page struct {
	Data       []pay.OrderView `json:"data" nullable:"false"`
	NextCursor string          `json:"next_cursor,omitempty" doc:"absent on the last page"`
}

type listOutput struct{ Body page }

func (h handlers) list(ctx context.Context, in *listInput) (*listOutput, error) {
	caller := edge.CallerOf(ctx)
	if caller.IsUser() {
		if in.UserID == "" {
			in.UserID = caller.Session.UserID
		}
		own, err := h.pay.SamePerson(ctx, in.UserID, caller.Session.UserID)
		if err != nil {
			return nil, err
		}
		if !own {
			return nil, model.NewError(model.KindForbidden, "not_your_orders", "a user can list their own orders only")
		}
	}
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return nil, model.InvalidField("cursor", "is not one of ours")
	}
	// One more than asked for tells whether there is a next page.
	f := model.OrderFilter{
		MerchantID: in.MerchantID, Status: model.OrderStatus(in.Status),
		CreatedAfter: in.CreatedAfter, CreatedBefore: in.CreatedBefore,
		BeforeID: in.Cursor, Limit: in.Limit + 1,
	}
	var orders []model.Order
	var err error
	if in.UserID != "" {
		orders, err = h.pay.ListOf(ctx, in.UserID, f)
	} else {
		orders, err = h.pay.List(ctx, f)
	}
	if err != nil {
		return nil, err
	}
	return &listOutput{pageOf(orders, in.Limit)}, nil
}

func pageOf(orders []model.Order, limit int) page {
	p := page{Data: []pay.OrderView{}}
	if len(orders) > limit {
		orders = orders[:limit]
		p.NextCursor = orders[limit-1].ID
	}
	for _, o := range orders {
		p.Data = append(p.Data, pay.View(o))
	}
	return p
}
