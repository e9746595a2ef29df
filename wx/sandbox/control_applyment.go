package sandbox

import "net/http"

func (p *Platform) controlApplyments(w http.ResponseWriter, _ *http.Request) {
	p.settleApplyments()
	answer(w, http.StatusOK, map[string][]Applyment{"applyments": p.Applyments()})
}

func (p *Platform) controlApplyment(w http.ResponseWriter, r *http.Request) {
	var in struct {
		MchID       string        `json:"mchid"`
		Action      string        `json:"action"`
		AuditDetail []AuditDetail `json:"audit_detail"`
	}
	if !read(w, r, &in) {
		return
	}
	a, err := p.DecideApplyment(in.MchID, r.PathValue("business_code"), in.Action, in.AuditDetail...)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, a)
}

func (p *Platform) controlRefuseSettlement(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ApplicationNo string `json:"application_no"`
		FailReason    string `json:"fail_reason"`
	}
	if read(w, r, &in) {
		done(w, p.RefuseSettlementChange(in.ApplicationNo, in.FailReason))
	}
}
