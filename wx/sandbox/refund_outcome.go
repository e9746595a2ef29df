package sandbox

import (
	"fmt"
	"slices"
)

// Refund finds one refund by its merchant, of a sub merchant the service provider, and number.
func (p *Platform) Refund(mchID, outRefundNo string) (Refund, bool) {
	return p.book.findRefund(mchID, outRefundNo)
}

// SetRefundOutcome decides how a refund ends: one that is processing, one that is still to come, or with an empty number
// the next one. PROCESSING makes it wait until another outcome is set; then it ends RefundTakes later. An abnormal one
// ends anew at once, as after somebody has handled it. It returns ErrRefundStatus or ErrRefundSettled.
func (p *Platform) SetRefundOutcome(outRefundNo, status string) error {
	if !slices.Contains([]string{RefundSuccess, RefundClosed, RefundAbnormal, RefundProcessing}, status) {
		return fmt.Errorf("%q: %w", status, ErrRefundStatus)
	}
	changed, err := p.book.decide(outRefundNo, status)
	for _, r := range changed {
		p.notifier.refunded(r)
	}
	return err
}

// decide returns the refunds whose end has to be waited for anew. Two merchants may use one number; both are meant.
func (b *book) decide(outRefundNo, status string) ([]Refund, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	var changed []Refund
	found := false
	for _, r := range b.refunds {
		if outRefundNo == "" || r.OutRefundNo != outRefundNo {
			continue
		}
		found = true
		again, err := b.redirect(r, status)
		if err != nil {
			return changed, err
		}
		if again {
			changed = append(changed, *r)
		}
	}
	if !found {
		b.planned[outRefundNo] = status
	}
	return changed, nil
}

// redirect changes the outcome of one refund and tells whether its notification has to be queued anew.
func (b *book) redirect(r *Refund, status string) (bool, error) {
	now := b.clock.now()
	switch {
	case r.Status == RefundProcessing:
		waited := r.outcome == RefundProcessing
		r.outcome = status
		if waited && status != RefundProcessing {
			r.round++
			r.due = now.Add(b.behaviour.RefundTakes)
			return true, nil
		}
		return false, nil
	case r.Status == RefundAbnormal && (status == RefundSuccess || status == RefundClosed):
		r.round++
		r.outcome, r.due = status, now
		b.end(r, status, now)
		return true, nil
	}
	return false, ErrRefundSettled
}
