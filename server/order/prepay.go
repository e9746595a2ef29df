package order

import (
	"context"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
)

type prepayInput struct {
	ID   string `path:"id"`
	Body struct {
		Method   string `json:"method" enum:"mini_program,official_account,native,h5,app,code"`
		AppID    string `json:"app_id,omitempty" maxLength:"64" doc:"the app that the payer pays in; a user's session knows it"`
		ClientIP string `json:"client_ip,omitempty" maxLength:"45" doc:"for h5: the address of the payer's browser"`
		AuthCode string `json:"auth_code,omitempty" maxLength:"32" doc:"for code"`
	}
}

type prepaid struct {
	Order   pay.OrderView   `json:"order"`
	Payment pay.PaymentView `json:"payment"`
	Invoke  invoke          `json:"invoke" doc:"hand it unchanged to WeChat; what is in it depends on the method"`
}

type prepayOutput struct{ Body prepaid }

func (h handlers) prepay(ctx context.Context, in *prepayInput) (*prepayOutput, error) {
	p, err := h.pay.Prepay(ctx, pay.PrepayRequest{
		OrderID: in.ID, Method: model.Method(in.Body.Method), AppID: in.Body.AppID, ClientIP: in.Body.ClientIP,
		Caller: callerOf(edge.CallerOf(ctx)),
	})
	if err != nil {
		return nil, err
	}
	return &prepayOutput{prepaid{Order: pay.View(p.Order), Payment: pay.ViewPayment(p.Payment), Invoke: invoke(p.Invoke)}}, nil
}

type closeInput struct {
	ID string `path:"id"`
}

func (h handlers) close(ctx context.Context, in *closeInput) (*output, error) {
	o, err := h.pay.Close(ctx, in.ID, callerOf(edge.CallerOf(ctx)))
	if err != nil {
		return nil, err
	}
	return &output{pay.View(o)}, nil
}
