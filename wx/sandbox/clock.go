package sandbox

import (
	"errors"
	"sync/atomic"
	"time"
)

// ErrClockBackwards refuses to move the platform's clock back: expiries would come undone.
var ErrClockBackwards = errors.New("the platform's clock only moves forward: advance must be positive")

// clock is the platform's: the wall clock plus what AdvanceClock added. Business expiries use now; signatures
// use wall, or every client would refuse them after an advance.
type clock struct {
	wall   func() time.Time
	offset atomic.Int64 // nanoseconds
}

func (c *clock) now() time.Time { return c.wall().Add(time.Duration(c.offset.Load())) }

// Now is the platform's time.
func (p *Platform) Now() time.Time { return p.clock.now() }

// AdvanceClock moves the platform's clock forward by d and returns its new time. Notifications that became due
// are sent at once.
func (p *Platform) AdvanceClock(d time.Duration) (time.Time, error) {
	if d <= 0 {
		return p.clock.now(), ErrClockBackwards
	}
	p.clock.offset.Add(int64(d))
	p.notifier.wake()
	return p.clock.now(), nil
}

// china is the zone in which the platform writes its times.
func china(t time.Time) time.Time { return t.In(time.FixedZone("CST", 8*60*60)) }

// stamp is a time as APIv3 writes it: RFC 3339 to the second.
func stamp(t time.Time) string { return china(t).Format(time.RFC3339) }

// stampMilli has milliseconds.
func stampMilli(t time.Time) string { return china(t).Format("2006-01-02T15:04:05.000Z07:00") }
