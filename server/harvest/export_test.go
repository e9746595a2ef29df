package harvest

import "golang.org/x/time/rate"

// Pace is how many calls WeChat is asked in a second.
func (h *Harvester) Pace() float64 { return float64(h.pace.Limit()) }

// Hurry takes the pace away: tests count calls, they do not wait for them.
func (h *Harvester) Hurry() { h.pace = rate.NewLimiter(rate.Inf, 1) }

// CallsPerRun is the most calls that one run may make.
const CallsPerRun = callsPerRun
