package sandbox

import "net/http"

// payRequest is the payer's act: either a prepay_id, or an invocation whose paySign is verified first.
type payRequest struct {
	PrepayID string      `json:"prepay_id"`
	Invoke   *Invocation `json:"invoke"`
	CodeURL  string      `json:"code_url"`
	H5URL    string      `json:"h5_url"`
	User     string      `json:"user"`
	Result   string      `json:"result"` // empty: success
}

func (p *Platform) controlPay(w http.ResponseWriter, r *http.Request) {
	var in payRequest
	if !read(w, r, &in) {
		return
	}
	if in.CodeURL != "" || in.H5URL != "" {
		fail(w, http.StatusUnprocessableEntity, "not_available_yet", "native and H5 payments are not simulated yet; pay with prepay_id")
		return
	}
	if (in.PrepayID == "") == (in.Invoke == nil) {
		fail(w, http.StatusUnprocessableEntity, "bad_input", "give either prepay_id or invoke, the object that wx.requestPayment takes")
		return
	}
	if in.Result == "" {
		in.Result = PaySuccess
	}
	payment, err := p.payAs(in)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, payment)
}

func (p *Platform) payAs(in payRequest) (Payment, error) {
	if in.Invoke == nil {
		return p.Pay(in.PrepayID, in.User, in.Result)
	}
	id, err := p.CheckInvocation(*in.Invoke)
	if err != nil {
		return Payment{}, err
	}
	return p.Pay(id, in.User, in.Result)
}

func (p *Platform) controlOrders(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string][]Order{"orders": p.Orders()})
}
