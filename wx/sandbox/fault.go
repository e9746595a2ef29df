package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Errors of AddFault.
var (
	ErrFaultMatch = errors.New("match is a path prefix (/v3/pay/transactions/jsapi, /sns/jscode2session, /) notify or notify:EVENT_TYPE, push or push:EVENT")
	ErrFaultTimes = errors.New("times is between 1 and 100000")
	ErrFaultDelay = errors.New("delay is between 0 and 10 minutes")
	ErrFaultKind  = errors.New("unknown kind of fault")
)

const maxFaultDelay = 10 * time.Minute

// Fault makes the next Times matching calls or notifications go wrong.
type Fault struct {
	Match string        // a path prefix, or notify, notify:EVENT_TYPE, push, push:EVENT
	Times int           // how often it strikes; 0 means 1
	Kind  string        // see FaultKinds
	Delay time.Duration // for delay: how long (default 1 s); for hang: the longest silence (default 30 s)
}

// faults are the ordered ones, oldest first, and the seeded mix.
type faults struct {
	mix *faultMix // nil: none

	mu     sync.Mutex
	active []Fault
}

// AddFault orders a fault and returns it with its defaults filled in. A fault strikes before the seeded mix
// does; of two that match, the older. It returns ErrFaultMatch, ErrFaultTimes, ErrFaultDelay or ErrFaultKind.
func (p *Platform) AddFault(f Fault) (Fault, error) {
	f, err := f.checked()
	if err != nil {
		return Fault{}, err
	}
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.active = append(p.faults.active, f)
	return f, nil
}

// Faults lists the faults that have not struck out yet; Times is what is left of them.
func (p *Platform) Faults() []Fault {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	return append([]Fault{}, p.faults.active...)
}

// ClearFaults takes all ordered faults back. The seeded mix stays.
func (p *Platform) ClearFaults() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.active = nil
}

// take consumes one strike of the first fault that fits target: a path, notify:EVENT_TYPE or push:EVENT.
func (s *faults) take(c class, target string) Fault {
	s.mu.Lock()
	for i := range s.active {
		if f := s.active[i]; f.matches(target) && f.fits(c) {
			if s.active[i].Times--; s.active[i].Times == 0 {
				s.active = slices.Delete(s.active, i, i+1)
			}
			s.mu.Unlock()
			return f
		}
	}
	s.mu.Unlock()
	if s.mix != nil {
		return s.mix.draw(c)
	}
	return Fault{}
}

func (f Fault) matches(target string) bool {
	if word, _, sent := strings.Cut(target, ":"); sent && isSent(target) {
		return f.Match == word || f.Match == target
	}
	return strings.HasPrefix(target, f.Match)
}

func (f Fault) checked() (Fault, error) {
	if f.Times == 0 {
		f.Times = 1
	}
	switch {
	case !strings.HasPrefix(f.Match, "/") && !isSent(f.Match):
		return f, ErrFaultMatch
	case f.Times < 1 || f.Times > 100000:
		return f, ErrFaultTimes
	case f.Delay < 0 || f.Delay > maxFaultDelay:
		return f, ErrFaultDelay
	}
	if slices.ContainsFunc(classesOf(f.Match), f.fits) {
		return f, nil
	}
	return f, fmt.Errorf("%w: %q does not apply to %s; the kinds that do: %s", ErrFaultKind, f.Kind, f.Match,
		strings.Join(kindsFor(classesOf(f.Match)), ", "))
}
