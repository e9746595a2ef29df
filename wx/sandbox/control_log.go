package sandbox

import (
	"net/http"
	"strconv"
)

func (p *Platform) controlLog(w http.ResponseWriter, r *http.Request) {
	var after int64
	if text := r.URL.Query().Get("after"); text != "" {
		var err error
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			fail(w, http.StatusBadRequest, "bad_input", "after is a sequence number: the seq of the last entry that you have")
			return
		}
	}
	answer(w, http.StatusOK, struct {
		Entries []Entry `json:"entries"`
		Last    int64   `json:"last"` // the newest seq; lower than after: the platform was reset
	}{p.Log(after), p.journal.last()})
}

func (p *Platform) controlCredentials(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, p.Credentials())
}

func (p *Platform) controlReset(w http.ResponseWriter, _ *http.Request) {
	p.Reset()
	w.WriteHeader(http.StatusNoContent)
}
