package profit

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/pay"
	"wxhub/server/edge"
)

const receivers = "/v1/merchants/{merchant_id}/profit-sharing/receivers"

func (h handlers) mountReceivers(api huma.API, tags []string) {
	edge.Register(api, huma.Operation{
		OperationID: "addProfitReceiver", Method: http.MethodPost, Path: receivers, DefaultStatus: http.StatusNoContent,
		Summary: "Let somebody receive parts of a merchant's payments", Tags: tags, Security: edge.Backend(edge.ScopeOrders), Errors: []int{429, 502, 504},
		Description: "WeChat Pay keeps the receivers; adding one again is no error. The name is sent encrypted and kept nowhere.",
	}, h.add)
	edge.Register(api, huma.Operation{
		OperationID: "deleteProfitReceiver", Method: http.MethodDelete, Path: receivers, DefaultStatus: http.StatusNoContent,
		Summary: "Take that back", Tags: tags, Security: edge.Backend(edge.ScopeOrders), Errors: []int{429, 502, 504},
		Description: "The receiver is in the body: an openid does not belong into a URL.",
	}, h.remove)
}

// Receiver names somebody. huma reads embedded structs only when they are exported.
type Receiver struct {
	SubMerchantID string `json:"sub_merchant_id,omitempty" maxLength:"32" doc:"only for merchants in partner mode"`
	AppID         string `json:"app_id,omitempty" maxLength:"64" doc:"in which the account of a person is an openid; a service provider's own when absent"`
	Type          string `json:"type" enum:"MERCHANT_ID,PERSONAL_OPENID,PERSONAL_SUB_OPENID"`
	Account       string `json:"account" minLength:"1" maxLength:"64"`
}

type addReceiverInput struct {
	MerchantID string `path:"merchant_id"`
	Body       struct {
		Receiver
		Name           string `json:"name,omitempty" maxLength:"128" doc:"a merchant's full name (needed), or a person's (checked when given)"`
		RelationType   string `json:"relation_type" enum:"SERVICE_PROVIDER,STORE,STAFF,STORE_OWNER,PARTNER,HEADQUARTER,BRAND,DISTRIBUTOR,USER,SUPPLIER,CUSTOM"`
		CustomRelation string `json:"custom_relation,omitempty" maxLength:"10" doc:"with relation_type CUSTOM"`
	}
}

type deleteReceiverInput struct {
	MerchantID string `path:"merchant_id"`
	Body       Receiver
}

type nothing struct{}

func (h handlers) add(ctx context.Context, in *addReceiverInput) (*nothing, error) {
	r := in.Body.Receiver.of(in.MerchantID)
	r.Name, r.Relation, r.CustomRelation = in.Body.Name, in.Body.RelationType, in.Body.CustomRelation
	return nil, h.pay.AddReceiver(ctx, r)
}

func (h handlers) remove(ctx context.Context, in *deleteReceiverInput) (*nothing, error) {
	return nil, h.pay.DeleteReceiver(ctx, in.Body.of(in.MerchantID))
}

func (r Receiver) of(merchantID string) pay.Receiver {
	return pay.Receiver{MerchantID: merchantID, SubMerchantID: r.SubMerchantID, AppID: r.AppID, Type: r.Type, Account: r.Account}
}
