package order

import (
	"context"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
)

type createInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" patternDescription:"printable ASCII" doc:"makes a retry safe"`
	Body           struct {
		MerchantID    string            `json:"merchant_id,omitempty" maxLength:"32"`
		SubMerchantID string            `json:"sub_merchant_id,omitempty" maxLength:"32" doc:"only for merchants in partner mode"`
		CollectCode   string            `json:"collect_code,omitempty" maxLength:"64" doc:"a fixed QR code; for users"`
		Amount        int64             `json:"amount" minimum:"1" maximum:"1000000000" doc:"fen"`
		Currency      string            `json:"currency,omitempty" enum:"CNY"`
		Description   string            `json:"description,omitempty" maxLength:"127" doc:"shown to the payer"`
		Attach        string            `json:"attach,omitempty" maxLength:"128"`
		UserID        string            `json:"user_id,omitempty" maxLength:"64" doc:"the only person who may pay"`
		ExpiresIn     int64             `json:"expires_in,omitempty" minimum:"60" maximum:"604800" doc:"seconds; 7200 when absent"`
		Metadata      map[string]string `json:"metadata,omitempty"`
		ProfitSharing bool              `json:"profit_sharing,omitempty" doc:"parts of the payment will go to others; what is paid stays frozen until then"`
	}
}

func (h handlers) create(ctx context.Context, in *createInput) (*output, error) {
	caller, b := edge.CallerOf(ctx), in.Body
	r := pay.CreateRequest{
		MerchantID: b.MerchantID, SubMerchantID: b.SubMerchantID, CollectCode: b.CollectCode, Amount: model.Fen(b.Amount), Currency: b.Currency,
		Description: b.Description, Attach: b.Attach, UserID: b.UserID,
		ExpiresIn: time.Duration(b.ExpiresIn) * time.Second, Metadata: b.Metadata, ProfitSharing: b.ProfitSharing,
	}
	key := pay.IdempotencyKey{Scope: "key:" + caller.KeyName, Key: in.IdempotencyKey}
	if caller.IsUser() {
		if err := userMayCreate(r); err != nil {
			return nil, err
		}
		r.UserID, key.Scope = caller.Session.UserID, "user:"+caller.Session.UserID
	} else if b.CollectCode != "" {
		return nil, model.InvalidField("collect_code", "is for users; a backend gives merchant_id and description")
	}
	o, err := h.pay.Create(ctx, r, key)
	if err != nil {
		return nil, err
	}
	return &output{pay.View(o)}, nil
}

// userMayCreate: a user chooses a collect code and an amount, and nothing else.
func userMayCreate(r pay.CreateRequest) error {
	if r.CollectCode == "" {
		return model.NewError(model.KindForbidden, "api_key_required", "a user can create an order from a collect_code only; other orders are made by a business backend")
	}
	if r.MerchantID != "" || r.SubMerchantID != "" || r.Description != "" || r.Attach != "" || r.UserID != "" || r.ExpiresIn != 0 || len(r.Metadata) > 0 || r.ProfitSharing {
		return model.InvalidField("body", "may hold only collect_code and amount when a user creates the order")
	}
	return nil
}
