package sandbox

import "net/http"

// wireFault is a Fault in JSON.
type wireFault struct {
	Match string `json:"match"`
	Times int    `json:"times"`
	Kind  string `json:"kind"`
	Delay span   `json:"delay,omitzero"`
}

func (p *Platform) controlFaults(w http.ResponseWriter, _ *http.Request) {
	active := []wireFault{}
	for _, f := range p.Faults() {
		active = append(active, wireFault{f.Match, f.Times, f.Kind, span(f.Delay)})
	}
	answer(w, http.StatusOK, struct {
		Faults []wireFault `json:"faults"`
		Kinds  []FaultKind `json:"kinds"`
	}{active, FaultKinds()})
}

func (p *Platform) controlAddFault(w http.ResponseWriter, r *http.Request) {
	in := wireFault{Times: 1}
	if !read(w, r, &in) {
		return
	}
	if in.Times == 0 { // in Go 0 means 1; here somebody wrote it
		refuse(w, ErrFaultTimes)
		return
	}
	f, err := p.AddFault(Fault{Match: in.Match, Times: in.Times, Kind: in.Kind, Delay: in.Delay.duration()})
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusCreated, wireFault{f.Match, f.Times, f.Kind, span(f.Delay)})
}

func (p *Platform) controlClearFaults(w http.ResponseWriter, _ *http.Request) {
	p.ClearFaults()
	w.WriteHeader(http.StatusNoContent)
}
