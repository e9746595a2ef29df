package identity

import (
	"context"
	"errors"

	"wxhub/model"
)

// repairBatch is how many unfinished things one run looks at.
const repairBatch = 100

// Repair finishes what a crash cut short: identities marked Linking are linked, erasures
// are completed. It returns how much it found. One that fails does not hold up the
// others.
func (s *Service) Repair(ctx context.Context) (int, error) {
	linking, err := s.Store.LinkingIdentities(ctx, repairBatch)
	if err != nil {
		return 0, err
	}
	erasing, err := s.Store.ErasingUsers(ctx, repairBatch)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, i := range linking {
		errs = append(errs, s.link(ctx, i, model.CauseUnionID))
	}
	for _, u := range erasing {
		r, err := s.root(ctx, u.ID)
		if err == nil {
			err = s.finishErasing(ctx, r.User)
		}
		errs = append(errs, err)
	}
	return len(linking) + len(erasing), errors.Join(errs...)
}
