package identity

import (
	"context"
	"errors"

	"wxhub/model"
)

// repairBatch is how many unfinished things one run looks at.
const repairBatch = 100

// Repair finishes what a crash cut short: identities marked Linking are linked, users
// marked Unsettled are settled, their erasures completed. It returns how much it found.
// One that fails does not hold up the others.
func (s *Service) Repair(ctx context.Context) (int, error) {
	linking, err := s.Store.LinkingIdentities(ctx, repairBatch)
	if err != nil {
		return 0, err
	}
	unsettled, err := s.Store.UnsettledUsers(ctx, repairBatch)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, i := range linking {
		errs = append(errs, s.link(ctx, i, model.CauseUnionID))
	}
	for _, u := range unsettled {
		errs = append(errs, s.settle(ctx, u.ID))
	}
	return len(linking) + len(unsettled), errors.Join(errs...)
}
