package sandbox

import "net/http"

// controlBillDirt answers what was spoiled, so that a test can tell whether all of it was found.
func (p *Platform) controlBillDirt(w http.ResponseWriter, r *http.Request) {
	var in BillDirt
	if !read(w, r, &in) {
		return
	}
	spoiled, err := p.SpoilBill(in)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, map[string][]Spoiled{"spoiled": spoiled})
}
