package sandbox

import (
	"math/rand/v2"
	"sync"
	"time"
)

// faultMix is the seeded set of `--faults default`: mild enough that a correct client never notices.
type faultMix struct {
	mu  sync.Mutex
	rng *rand.Rand
}

// chance is a fault that strikes in so many of a thousand cases.
type chance struct {
	perMille int
	kind     string
	most     time.Duration // of a delay, drawn between 0 and most
}

func newFaultMix(seed uint64) *faultMix {
	return &faultMix{rng: rand.New(rand.NewPCG(seed, 2))}
}

// chances are documented in DIVERGENCES.md.
func chances(c class) []chance {
	switch c {
	case classNotify:
		return []chance{{150, faultDuplicate, 0}, {100, faultSigntest, 0}}
	case classPush:
		return []chance{{150, faultDuplicate, 0}}
	case classV3, classV2:
		return []chance{{100, faultDelay, 300 * time.Millisecond}, {10, faultSystemError, 0}}
	default:
		return []chance{{100, faultDelay, 200 * time.Millisecond}, {10, faultSystemError, 0}}
	}
}

func (m *faultMix) draw(c class) Fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	roll := m.rng.IntN(1000)
	for _, ch := range chances(c) {
		if roll -= ch.perMille; roll >= 0 {
			continue
		}
		f := Fault{Kind: ch.kind}
		if ch.most > 0 {
			f.Delay = time.Duration(m.rng.Int64N(int64(ch.most))) + 1
		}
		return f
	}
	return Fault{}
}
