package sandbox

import (
	"errors"
	"net/http"
)

// errPayHow: a payment begins in one way.
var errPayHow = errors.New("give exactly one of prepay_id, code_url, h5_url, invoke (what wx.requestPayment takes) and app_invoke (what the app's SDK takes)")

// payRequest is the payer's act: what the prepay call handed out, or an invocation whose signature is verified first.
type payRequest struct {
	PrepayID  string         `json:"prepay_id"`
	CodeURL   string         `json:"code_url"`
	H5URL     string         `json:"h5_url"`
	Invoke    *Invocation    `json:"invoke"`
	AppInvoke *AppInvocation `json:"app_invoke"`
	User      string         `json:"user"`
	Result    string         `json:"result"` // empty: success
}

func (p *Platform) controlPay(w http.ResponseWriter, r *http.Request) {
	var in payRequest
	if !read(w, r, &in) {
		return
	}
	if in.Result == "" {
		in.Result = PaySuccess
	}
	given, err := p.payWith(in)
	if err != nil {
		refuse(w, err)
		return
	}
	payment, err := p.Pay(given, in.User, in.Result)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, payment)
}

// payWith is what to hand to Pay.
func (p *Platform) payWith(in payRequest) (string, error) {
	ways := 0
	for _, given := range []bool{in.PrepayID != "", in.CodeURL != "", in.H5URL != "", in.Invoke != nil, in.AppInvoke != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return "", errPayHow
	case in.Invoke != nil:
		return p.CheckInvocation(*in.Invoke)
	case in.AppInvoke != nil:
		return p.CheckAppInvocation(*in.AppInvoke)
	}
	return in.PrepayID + in.CodeURL + in.H5URL, nil
}

func (p *Platform) controlOrders(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string][]Order{"orders": p.Orders()})
}
