package reconcile

// List changes how many differences a run stores at most.
func (s *Service) List(n int) { s.maxListed = n }
