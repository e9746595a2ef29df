package pay

import (
	"time"

	"wxhub/model"
)

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

// TimelineView is an order's history as the API shows it.
type TimelineView struct {
	OrderID string     `json:"order_id"`
	Status  string     `json:"status"`
	Steps   []StepView `json:"steps" nullable:"false"`
}

// StepView is one line of it.
type StepView struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Of   string    `json:"of,omitempty" doc:"out_trade_no or out_refund_no"`
	Note string    `json:"note,omitempty"`
}

// Timeline shows what happened to an order.
func Timeline(o model.Order) TimelineView {
	v := TimelineView{OrderID: o.ID, Status: string(o.Status), Steps: []StepView{}}
	for _, s := range o.History {
		v.Steps = append(v.Steps, StepView(s))
	}
	return v
}
