package pay

import "wxhub/model"

// maxHistory bounds what an order remembers. Its beginning is worth more than its
// middle: when it is full, new lines replace the last one.
const maxHistory = 300

// note adds a line to the order's history; it is stored with the change that it tells of.
func (s *Service) note(o *model.Order, what, of, text string) {
	step := model.Step{At: s.now(), What: what, Of: of, Note: text}
	if len(o.History) >= maxHistory {
		o.History[len(o.History)-1] = step
		return
	}
	o.History = append(o.History, step)
}
