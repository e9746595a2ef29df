package order

import (
	"context"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
)

type refundInput struct {
	ID             string `path:"id"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" patternDescription:"printable ASCII" doc:"makes a retry safe"`
	Body           struct {
		Amount int64  `json:"amount" minimum:"1" maximum:"1000000000" doc:"fen"`
		Reason string `json:"reason,omitempty" maxLength:"80" doc:"shown to the payer"`
	}
}

type refundOutput struct{ Body pay.RefundView }

func (h handlers) refund(ctx context.Context, in *refundInput) (*refundOutput, error) {
	key := pay.IdempotencyKey{Scope: "key:" + edge.CallerOf(ctx).KeyName, Key: in.IdempotencyKey}
	return viewRefund(h.pay.Refund(ctx, in.ID, pay.RefundRequest{Amount: model.Fen(in.Body.Amount), Reason: in.Body.Reason}, key))
}

type getRefundInput struct {
	ID string `path:"id"`
}

func (h handlers) getRefund(ctx context.Context, in *getRefundInput) (*refundOutput, error) {
	return viewRefund(h.pay.FindRefund(ctx, in.ID))
}

func viewRefund(o model.Order, r model.Refund, err error) (*refundOutput, error) {
	if err != nil {
		return nil, err
	}
	return &refundOutput{pay.ViewRefund(o, r)}, nil
}

type timelineInput struct {
	ID string `path:"id"`
}

type timelineOutput struct{ Body pay.TimelineView }

// timeline explains an order in order.
func (h handlers) timeline(ctx context.Context, in *timelineInput) (*timelineOutput, error) {
	o, err := h.pay.Order(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &timelineOutput{pay.Timeline(o)}, nil
}
