package pay

import "wxhub/model"

// CollectCode returns one configured code.
func (s *Service) CollectCode(id string) (CollectCode, bool) {
	c, ok := s.codes[id]
	return c, ok
}

// AppsFor returns the apps in which an order of this merchant can be paid with a method,
// those of the sub merchant first. For native and H5, which are paid in no app, they are
// those that WeChat Pay takes as the order's app.
func (s *Service) AppsFor(merchantID, subMerchantID string, m model.Method) []string {
	how, ok := ways[m]
	if !ok {
		return nil
	}
	return s.fittingApps(how, model.Order{MerchantID: merchantID, SubMerchantID: subMerchantID})
}
