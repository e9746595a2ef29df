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
		ClientIP string `json:"client_ip,omitempty" maxLength:"45" doc:"for h5: the address of the payer's browser; for code: of the device that scanned, if it is known"`
		AuthCode string `json:"auth_code,omitempty" minLength:"18" maxLength:"18" pattern:"^1[0-5][0-9]{16}$" patternDescription:"18 digits that begin with 10 to 15" doc:"for code: what the merchant's device scanned from the payer's WeChat; it is neither stored nor logged"`
		StoreID  string `json:"store_id,omitempty" maxLength:"32" pattern:"^[A-Za-z0-9]*$" patternDescription:"letters and digits" doc:"for code: your number of the shop; without it the merchant's number stands for the only one"`
		DeviceID string `json:"device_id,omitempty" maxLength:"32" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"letters, digits, _ and -" doc:"for code: your number of the device"`
	}
}

type prepaid struct {
	Order   pay.OrderView   `json:"order"`
	Payment pay.PaymentView `json:"payment"`
	Invoke  *invoke         `json:"invoke,omitempty" doc:"hand it unchanged to WeChat; what is in it depends on the method; absent for code, where the order is the answer"`
}

type prepayOutput struct{ Body prepaid }

func (h handlers) prepay(ctx context.Context, in *prepayInput) (*prepayOutput, error) {
	p, err := h.pay.Prepay(ctx, pay.PrepayRequest{
		OrderID: in.ID, Method: model.Method(in.Body.Method), AppID: in.Body.AppID, ClientIP: in.Body.ClientIP,
		Caller: callerOf(edge.CallerOf(ctx)),
		Code:   pay.Code{AuthCode: model.Secret(in.Body.AuthCode), StoreID: in.Body.StoreID, DeviceID: in.Body.DeviceID},
	})
	if err != nil {
		return nil, err
	}
	out := prepaid{Order: pay.View(p.Order), Payment: pay.ViewPayment(p.Payment)}
	if p.Payment.Method != model.MethodCode {
		out.Invoke = (*invoke)(&p.Invoke)
	}
	return &prepayOutput{out}, nil
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
