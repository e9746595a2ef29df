package pay

import (
	"context"

	"wxhub/model"
)

// PaidPayment returns the payment that settled an order, if one did.
func PaidPayment(o model.Order) (model.Payment, bool) {
	for _, p := range o.Payments {
		if p.Status == model.PaymentPaid {
			return p, true
		}
	}
	return model.Payment{}, false
}

// Remark adds a line to an order's history about something that happened to it outside of
// this package. The same line as the last one of its kind is not added again: what is
// tried for a day must not fill the history. Errors: order_not_found.
func (s *Service) Remark(ctx context.Context, id, what, of, text string) error {
	_, err := s.update(ctx, id, func(o *model.Order) error {
		for i := len(o.History) - 1; i >= 0; i-- {
			if last := o.History[i]; last.What == what && last.Of == of {
				if last.Note == text {
					return errNothingToDo
				}
				break
			}
		}
		s.note(o, what, of, text)
		return nil
	})
	return err
}
