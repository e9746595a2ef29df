package sandbox

import "net/http"

func (p *Platform) controlVerification(w http.ResponseWriter, r *http.Request) {
	in := struct {
		MchID   string `json:"mchid"`
		Mode    string `json:"mode"`
		Percent int    `json:"certificate_percent"`
	}{Percent: evenly}
	if read(w, r, &in) {
		state, err := p.SetVerification(in.MchID, in.Mode, in.Percent)
		verified(w, state, err)
	}
}

func (p *Platform) controlRotate(w http.ResponseWriter, r *http.Request) {
	var in struct {
		MchID string `json:"mchid"`
		Step  string `json:"step"`
	}
	if read(w, r, &in) {
		state, err := p.RotateCertificate(in.MchID, in.Step)
		verified(w, state, err)
	}
}

func verified(w http.ResponseWriter, state Verification, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, state)
}
