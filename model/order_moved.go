package model

import "time"

// MovedBetween reports whether a payment of the order was made, or a refund of it succeeded, from a
// moment until before another.
func (o Order) MovedBetween(from, until time.Time) bool {
	within := func(at time.Time) bool { return !at.IsZero() && !at.Before(from) && at.Before(until) }
	for _, p := range o.Payments {
		if within(p.PaidAt) {
			return true
		}
	}
	for _, r := range o.Refunds {
		if within(r.SucceededAt) {
			return true
		}
	}
	return false
}
