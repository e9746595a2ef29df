package sandbox

import "net/http"

func (p *Platform) controlPayCode(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User    string `json:"user"`
		Outcome string `json:"outcome"` // empty: by amount
	}
	if !read(w, r, &in) {
		return
	}
	code, err := p.PayCode(in.User, in.Outcome)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]string{"auth_code": code})
}

func (p *Platform) controlPassword(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AuthCode string `json:"auth_code"`
		Result   string `json:"result"` // empty: success
	}
	if !read(w, r, &in) {
		return
	}
	if in.Result == "" {
		in.Result = PaySuccess
	}
	payment, err := p.AnswerPassword(in.AuthCode, in.Result)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, payment)
}
