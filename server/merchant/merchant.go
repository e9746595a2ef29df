// Package merchant serves what a service provider does for its sub merchants: it hands their applications (特约商户进件) and
// the files for them in, and says where their money goes. The rules are in package pay/applyment.
package merchant

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/pay/applyment"
	"wxhub/server/edge"
	"wxhub/wx"
)

type handlers struct{ applyments *applyment.Service }

const root = "/v1/merchants/{merchant_id}"

// Mount adds the routes.
func Mount(api huma.API, s *applyment.Service) {
	h := handlers{s}
	tags, security := []string{"merchants"}, edge.Backend(edge.ScopeMerchants)
	edge.Register(api, huma.Operation{
		OperationID: "submitApplyment", Method: http.MethodPost, Path: root + "/applyments", DefaultStatus: http.StatusCreated,
		Summary: "Apply for a sub merchant", Tags: tags, Security: security, Errors: []int{409, 502, 504},
		Description: "The body is WeChat Pay's own (特约商户进件), in the clear: it is encrypted with WeChat Pay's key on the way and not kept. Files are " +
			"uploaded first. When WeChat Pay's answer is not known the application stands as `created` and is asked about; applyment.changed tells what became of it. " +
			"One that is rejected, editing, unsubmitted or canceled is submitted again with the same business_code; any other is 409 applyment_under_way, " +
			"unless the Idempotency-Key and the body are those of its last submission: then it is the answer.",
	}, h.submit)
	edge.Register(api, huma.Operation{
		OperationID: "listApplyments", Method: http.MethodGet, Path: root + "/applyments",
		Summary: "A page of applications, in the order of their business_code", Tags: tags, Security: security,
	}, h.list)
	edge.Register(api, huma.Operation{
		OperationID: "getApplyment", Method: http.MethodGet, Path: root + "/applyments/{business_code}",
		Summary: "One application", Tags: tags, Security: security, Errors: []int{404, 502, 504},
		Description: "With refresh=true WeChat Pay is asked first. A finished one has a sub_merchant_id: add it to pay.merchants[].sub_merchants of the configuration.",
	}, h.get)
	h.mountMedia(api, tags, security)
	h.mountSettlement(api, tags, security)
}

type submitApplymentInput struct {
	MerchantID     string `path:"merchant_id" maxLength:"32" doc:"the service provider"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" patternDescription:"printable ASCII" doc:"makes a retry safe"`
	Body           wx.Applyment
}

type output struct{ Body applyment.ApplymentView }

func (h handlers) submit(ctx context.Context, in *submitApplymentInput) (*output, error) {
	key := pay.IdempotencyKey{Scope: "key:" + edge.CallerOf(ctx).KeyName, Key: in.IdempotencyKey}
	return view(h.applyments.Submit(ctx, in.MerchantID, in.Body, key))
}

func view(a model.Applyment, err error) (*output, error) {
	if err != nil {
		return nil, err
	}
	return &output{applyment.ViewOf(a)}, nil
}

type getInput struct {
	MerchantID   string `path:"merchant_id" maxLength:"32"`
	BusinessCode string `path:"business_code" maxLength:"124"`
	Refresh      bool   `query:"refresh" doc:"ask WeChat Pay first"`
}

func (h handlers) get(ctx context.Context, in *getInput) (*output, error) {
	return view(h.applyments.Find(ctx, in.MerchantID, in.BusinessCode, in.Refresh))
}

type listInput struct {
	MerchantID string `path:"merchant_id" maxLength:"32"`
	Status     string `query:"status" enum:"created,unsubmitted,editing,auditing,rejected,to_be_confirmed,to_be_signed,signing,finished,canceled"`
	Limit      int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor     string `query:"cursor" maxLength:"124" doc:"next_cursor of the page before"`
}

type applymentPage struct {
	Data       []applyment.ApplymentView `json:"data" nullable:"false"`
	NextCursor string                    `json:"next_cursor,omitempty" doc:"absent on the last page"`
}

type listOutput struct{ Body applymentPage }

func (h handlers) list(ctx context.Context, in *listInput) (*listOutput, error) {
	// One more than asked for tells whether there is a next page.
	f := model.ApplymentFilter{MerchantID: in.MerchantID, Status: model.ApplymentStatus(in.Status), Limit: in.Limit + 1}
	if in.Cursor != "" {
		f.AfterID = model.ApplymentID(in.MerchantID, in.Cursor)
	}
	found, err := h.applyments.List(ctx, f)
	if err != nil {
		return nil, err
	}
	p := applymentPage{Data: []applyment.ApplymentView{}}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		p.NextCursor = strings.TrimPrefix(found[in.Limit-1].ID, in.MerchantID+":")
	}
	for _, a := range found {
		p.Data = append(p.Data, applyment.ViewOf(a))
	}
	return &listOutput{p}, nil
}
