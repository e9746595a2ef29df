// Package transfer serves transfers (商家转账): money from a merchant to one of the users. The
// rules are in package pay.
package transfer

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
	tags, security := []string{"transfers"}, edge.Backend(edge.ScopeTransfers)
	edge.Register(api, huma.Operation{
		OperationID: "createTransfer", Method: http.MethodPost, Path: "/v1/transfers", DefaultStatus: http.StatusCreated,
		Summary: "Pay a user", Tags: tags, Security: security, Errors: []int{409, 502},
		Description: "Usually the user must confirm: hand `invoke` to wx.requestMerchantTransfer. When WeChat Pay's answer is not known, the transfer stands as " +
			"`created` and is carried on with under its number; transfer.succeeded or transfer.failed tells the end. " +
			"With an Idempotency-Key the same request returns the same transfer: without one, a repeated request pays twice.",
	}, h.create)
	edge.Register(api, huma.Operation{
		OperationID: "getTransfer", Method: http.MethodGet, Path: "/v1/transfers/{id}",
		Summary: "One transfer", Tags: tags, Security: security, Errors: []int{404, 502, 504},
		Description: "With refresh=true WeChat Pay is asked first.",
	}, h.get)
	edge.Register(api, huma.Operation{
		OperationID: "cancelTransfer", Method: http.MethodPost, Path: "/v1/transfers/{id}/cancel",
		Summary: "Cancel a transfer that the user has not confirmed", Tags: tags, Security: security, Errors: []int{404, 409, 502, 504},
		Description: "WeChat Pay accepts it first (canceling) and does it later; transfer.failed tells the end.",
	}, h.cancel)
}

type transferReport struct {
	Type    string `json:"type" minLength:"1" maxLength:"15"`
	Content string `json:"content" minLength:"1" maxLength:"32"`
}

type transferInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]*$" patternDescription:"printable ASCII" doc:"makes a retry safe"`
	Body           struct {
		MerchantID  string           `json:"merchant_id" minLength:"1" maxLength:"32" doc:"a direct merchant"`
		AppID       string           `json:"app_id" minLength:"1" maxLength:"64" doc:"in which the user confirms"`
		UserID      string           `json:"user_id" minLength:"1" maxLength:"64"`
		Amount      int64            `json:"amount" minimum:"1" maximum:"1000000000" doc:"fen"`
		SceneID     string           `json:"scene_id" pattern:"^[0-9]{1,36}$" patternDescription:"digits" doc:"WeChat Pay's number of the purpose, such as 1000"`
		Remark      string           `json:"remark" minLength:"1" maxLength:"32" doc:"shown to the user"`
		Perception  string           `json:"perception,omitempty" maxLength:"32" doc:"user_recv_perception; the scene's own when absent"`
		ReportInfos []transferReport `json:"report_infos,omitempty" maxItems:"10" doc:"what the scene wants reported"`
		UserName    string           `json:"user_name,omitempty" maxLength:"64" doc:"checked by WeChat Pay, sent encrypted; large amounts need it"`
	}
}

type output struct{ Body pay.TransferView }

func (h handlers) create(ctx context.Context, in *transferInput) (*output, error) {
	b := in.Body
	r := pay.TransferRequest{
		MerchantID: b.MerchantID, AppID: b.AppID, UserID: b.UserID, Amount: model.Fen(b.Amount), SceneID: b.SceneID,
		Remark: b.Remark, Perception: b.Perception, UserName: b.UserName,
	}
	for _, info := range b.ReportInfos {
		r.Reports = append(r.Reports, model.TransferReport(info))
	}
	return view(h.pay.Transfer(ctx, r, pay.IdempotencyKey{Scope: "key:" + edge.CallerOf(ctx).KeyName, Key: in.IdempotencyKey}))
}

func view(t model.Transfer, err error) (*output, error) {
	if err != nil {
		return nil, err
	}
	return &output{pay.ViewTransfer(t)}, nil
}

type getInput struct {
	ID      string `path:"id"`
	Refresh bool   `query:"refresh" doc:"ask WeChat Pay first"`
}

func (h handlers) get(ctx context.Context, in *getInput) (*output, error) {
	return view(h.pay.FindTransfer(ctx, in.ID, in.Refresh))
}

type cancelInput struct {
	ID string `path:"id"`
}

func (h handlers) cancel(ctx context.Context, in *cancelInput) (*output, error) {
	return view(h.pay.CancelTransfer(ctx, in.ID))
}
