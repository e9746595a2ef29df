package sandbox

import "net/http"

func (p *Platform) controlRefunds(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string][]Refund{"refunds": p.Refunds()})
}

// controlRefundOutcome takes either out_refund_no or next.
func (p *Platform) controlRefundOutcome(w http.ResponseWriter, r *http.Request) {
	var in struct {
		OutRefundNo string `json:"out_refund_no"`
		Next        bool   `json:"next"`
		Status      string `json:"status"`
	}
	if !read(w, r, &in) {
		return
	}
	if (in.OutRefundNo == "") != in.Next {
		fail(w, http.StatusUnprocessableEntity, "bad_input", "give either out_refund_no or next: true")
		return
	}
	done(w, p.SetRefundOutcome(in.OutRefundNo, in.Status))
}
