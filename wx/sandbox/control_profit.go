package sandbox

import "net/http"

func (p *Platform) controlSharings(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"profit_sharings": p.Sharings(), "profit_returns": p.ProfitReturns()})
}

func (p *Platform) controlFailProfit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Account  string `json:"account"`
		Receive  string `json:"receive"`
		GiveBack string `json:"give_back"`
	}
	if read(w, r, &in) {
		done(w, p.FailProfit(in.Account, in.Receive, in.GiveBack))
	}
}

func (p *Platform) controlProfitURL(w http.ResponseWriter, r *http.Request) {
	var in struct {
		MchID string `json:"mchid"`
		URL   string `json:"url"`
	}
	if read(w, r, &in) {
		done(w, p.SetProfitNotifyURL(in.MchID, in.URL))
	}
}
