package sandbox

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"time"
)

// maxAdvance keeps the platform's clock in a range that a Duration can hold many times over.
const maxAdvance = 10 * 365 * 24 * time.Hour

// span is a duration in JSON: a Go duration ("2h", "90s") or whole seconds; written as the former.
type span time.Duration

var errSpan = errors.New(`a duration is a string like "2h" or "90s", or whole seconds`)

func (s span) duration() time.Duration { return time.Duration(s) }

// MarshalJSON writes a Go duration.
func (s span) MarshalJSON() ([]byte, error) { return json.Marshal(s.duration().String()) }

// UnmarshalJSON reads a Go duration or whole seconds.
func (s *span) UnmarshalJSON(text []byte) error {
	var seconds int64
	if json.Unmarshal(text, &seconds) == nil {
		if seconds > math.MaxInt64/int64(time.Second) || seconds < math.MinInt64/int64(time.Second) {
			return errSpan
		}
		*s = span(time.Duration(seconds) * time.Second)
		return nil
	}
	var words string
	if json.Unmarshal(text, &words) != nil {
		return errSpan
	}
	d, err := time.ParseDuration(words)
	if err != nil {
		return errSpan
	}
	*s = span(d)
	return nil
}

// clockAnswer tells both clocks.
type clockAnswer struct {
	Now  time.Time `json:"now"`  // the platform's
	Wall time.Time `json:"wall"` // the machine's
	Lead span      `json:"lead"` // how far the platform's is ahead
}

func (p *Platform) controlClock(w http.ResponseWriter, _ *http.Request) {
	lead := time.Duration(p.clock.offset.Load())
	wall := p.clock.wall()
	answer(w, http.StatusOK, clockAnswer{wall.Add(lead), wall, span(lead)})
}

func (p *Platform) controlAdvance(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Advance span `json:"advance"`
	}
	if !read(w, r, &in) {
		return
	}
	if in.Advance.duration() > maxAdvance {
		fail(w, http.StatusUnprocessableEntity, "bad_input", "advance is at most ten years")
		return
	}
	if _, err := p.AdvanceClock(in.Advance.duration()); err != nil {
		refuse(w, err)
		return
	}
	p.controlClock(w, r)
}
