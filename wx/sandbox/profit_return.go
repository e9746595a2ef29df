package sandbox

import "time"

// Results of a return.
const (
	ReturnProcessing = "PROCESSING"
	ReturnSuccess    = "SUCCESS"
	ReturnFailed     = "FAILED"
)

// ProfitReturn gives back to the merchant what a receiver, a merchant too, got of a payment.
type ProfitReturn struct {
	MchID       string    `json:"mchid"`
	SubMchID    string    `json:"sub_mchid,omitempty"`
	OrderID     string    `json:"order_id"`
	OutOrderNo  string    `json:"out_order_no"`
	OutReturnNo string    `json:"out_return_no"`
	ReturnID    string    `json:"return_id"`
	ReturnMchID string    `json:"return_mchid"`
	Amount      int64     `json:"amount"` // fen
	Description string    `json:"description"`
	Result      string    `json:"result"`
	FailReason  string    `json:"fail_reason,omitempty"`
	Created     time.Time `json:"created"`
	Ended       time.Time `json:"ended,omitzero"`

	sharing    *Sharing
	parameters string
	due        time.Time
	fresh      bool // of a copy: accepted just now
}

// ProfitReturns lists all returns in the order in which they were accepted.
func (p *Platform) ProfitReturns() []ProfitReturn {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.settle()
	return p.book.profitReturns()
}

func (b *book) profitReturns() []ProfitReturn {
	out := []ProfitReturn{}
	for _, r := range b.profits.returns {
		out = append(out, *r)
	}
	return out
}

// placeReturn accepts a return, or finds it again. wanted names its profit sharing by one of the two numbers.
func (b *book) placeReturn(wanted ProfitReturn) (ProfitReturn, *Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	s := b.sharingNamed(wanted)
	if s == nil || s.SubMchID != wanted.SubMchID {
		return ProfitReturn{}, resourceNotExists("记录不存在")
	}
	key := orderKey{wanted.MchID, wanted.OutReturnNo}
	if known := b.profits.byReturn[key]; known != nil {
		if known.sharing != s || known.parameters != wanted.parameters {
			return ProfitReturn{}, refusal(b.behaviour.ChangedSharing)
		}
		return *known, nil
	}
	now := b.clock.now()
	got := s.got(wanted.ReturnMchID)
	back, times := b.givenBack(s, wanted.ReturnMchID)
	switch {
	case got == 0:
		return ProfitReturn{}, invalidRequest(internalParamInvalid, "回退方不存在", nil)
	case b.profits.failing[wanted.ReturnMchID].giveBack == noGivingBack:
		return ProfitReturn{}, noAuth("回退方未开通分账回退功能", internalParamInvalid)
	case times >= returnsAtMost:
		return ProfitReturn{}, invalidRequest(internalParamInvalid, "分账单回退次数超过限制", nil)
	case now.After(s.Created.Add(giveBackLife)):
		return ProfitReturn{}, invalidRequest(internalParamInvalid, "分账单已超过可回退期限", nil)
	case back+wanted.Amount > got:
		return ProfitReturn{}, invalidRequest(internalParamInvalid, "回退金额超过可回退金额", nil)
	}
	r := &wanted
	r.sharing, r.OrderID, r.OutOrderNo, r.ReturnID = s, s.OrderID, s.OutOrderNo, b.ids.sharingID(now)
	r.Result, r.Created, r.due = ReturnProcessing, now, now.Add(b.behaviour.ReturnTakes)
	b.profits.returns, b.profits.opened, b.profits.byReturn[key] = append(b.profits.returns, r), append(b.profits.opened, r), r
	b.settleProfits(now)
	accepted := *r
	accepted.fresh = true
	return accepted, nil
}

func (b *book) sharingNamed(r ProfitReturn) *Sharing {
	if r.OutOrderNo != "" {
		return b.profits.byNumber[orderKey{r.MchID, r.OutOrderNo}]
	}
	for _, s := range b.profits.all {
		if s.OrderID == r.OrderID && s.MchID == r.MchID {
			return s
		}
	}
	return nil
}

// got is what a merchant received of one sharing, in fen. Its owner gives nothing back to itself.
func (s *Sharing) got(mchID string) (fen int64) {
	for _, part := range s.Parts {
		if part.Type == receiverMerchant && part.Account == mchID && part.Result == PartSuccess && mchID != s.order.owner() {
			fen += part.Amount
		}
	}
	return fen
}

// givenBack is what a merchant gave back of one sharing or is about to, in fen, and how often anybody was asked to.
func (b *book) givenBack(s *Sharing, mchID string) (fen int64, times int) {
	for _, r := range b.profits.returns {
		if r.sharing != s {
			continue
		}
		times++
		if r.ReturnMchID == mchID && r.Result != ReturnFailed {
			fen += r.Amount
		}
	}
	return fen, times
}

func (b *book) endReturn(r *ProfitReturn) {
	r.Result, r.Ended, r.FailReason = ReturnSuccess, r.due, b.profits.failing[r.ReturnMchID].giveBack
	if r.FailReason != "" {
		r.Result = ReturnFailed
	}
}

// findReturn returns a copy with the result of now.
func (b *book) findReturn(mchID, outReturnNo string) (ProfitReturn, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	r := b.profits.byReturn[orderKey{mchID, outReturnNo}]
	if r == nil {
		return ProfitReturn{}, false
	}
	return *r, true
}
