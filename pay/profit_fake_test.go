package pay_test

import (
	"context"
	"reflect"
	"sync"

	"wxhub/model"
	"wxhub/wx"
)

// sharer is profit sharing at the platform, after PROTOCOL §2.9: a number with the same values
// gives the same order, all parts of a payment never exceed it. lost makes the next call
// take effect and its answer get lost.
type sharer struct {
	mu        sync.Mutex
	total     model.Fen
	orders    map[string]*shared
	returns   map[string]*returned
	receivers []wx.Receiver
	calls     []string
	fail      error // of the next call
	lost      bool
}

type shared struct {
	asked wx.ProfitSharing
	state wx.ProfitSharingState
}

type returned struct {
	asked wx.ProfitReturn
	state wx.ProfitReturnState
}

func newSharer() *sharer {
	return &sharer{total: 990, orders: map[string]*shared{}, returns: map[string]*returned{}}
}

func (s *sharer) enter(call string) (answer func(error) error, err error) {
	s.mu.Lock()
	s.calls = append(s.calls, call)
	err, s.fail = s.fail, nil
	lost := s.lost
	s.lost = false
	return func(err error) error {
		s.mu.Unlock()
		if lost {
			return wx.ErrTimeout
		}
		return err
	}, err
}

func (s *sharer) count(call string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c == call {
			n++
		}
	}
	return n
}

func (s *sharer) AddReceiver(_ context.Context, r wx.Receiver) error {
	answer, err := s.enter("add")
	s.receivers = append(s.receivers, r)
	return answer(err)
}

func (s *sharer) DeleteReceiver(_ context.Context, r wx.Receiver) error {
	answer, err := s.enter("delete")
	s.receivers = append(s.receivers, r)
	return answer(err)
}

// sum is what was given to receivers. The lock is held.
func (s *sharer) sum() (sum model.Fen) {
	for _, x := range s.orders {
		for _, p := range x.state.Parts {
			if p.Result != wx.ProfitClosed {
				sum += p.Amount
			}
		}
	}
	return sum
}

func (s *sharer) ShareProfit(_ context.Context, asked wx.ProfitSharing) (wx.ProfitSharingState, error) {
	answer, err := s.enter("share")
	if err != nil {
		return wx.ProfitSharingState{}, answer(err)
	}
	x, known := s.orders[asked.OutOrderNo]
	sum := s.sum()
	for _, p := range asked.Receivers {
		sum += p.Amount
	}
	switch {
	case known && !reflect.DeepEqual(x.asked, asked):
		return wx.ProfitSharingState{}, answer(wx.ErrRejected)
	case known:
	case sum > s.total:
		return wx.ProfitSharingState{}, answer(wx.ErrRejected)
	default:
		x = &shared{asked, wx.ProfitSharingState{OutOrderNo: asked.OutOrderNo, TransactionID: asked.TransactionID, OrderID: "3008" + asked.OutOrderNo}}
		for _, p := range asked.Receivers {
			x.state.Parts = append(x.state.Parts, wx.ProfitPartState{Type: p.Type, Account: p.Account, Amount: p.Amount, Result: wx.ProfitPending})
		}
		s.orders[asked.OutOrderNo] = x
	}
	return x.state, answer(nil)
}

// ends finishes an order; the parts of the named accounts do not arrive.
func (s *sharer) ends(number string, closed ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.orders[number]
	x.state.Finished = true
	x.state.Parts = append([]wx.ProfitPartState{}, x.state.Parts...)
	for i := range x.state.Parts {
		p := &x.state.Parts[i]
		p.Result, p.DetailID = wx.ProfitSuccess, "36"+p.Account
		for _, account := range closed {
			if p.Account == account {
				p.Result, p.FailReason = wx.ProfitClosed, "NO_RELATION"
			}
		}
	}
}

func (s *sharer) QueryProfitSharing(_ context.Context, _ wx.Trade, _, number string) (wx.ProfitSharingState, error) {
	answer, err := s.enter("query")
	x, known := s.orders[number]
	switch {
	case err != nil:
		return wx.ProfitSharingState{}, answer(err)
	case !known:
		return wx.ProfitSharingState{}, answer(wx.ErrProfitSharingUnknown)
	}
	return x.state, answer(nil)
}

func (s *sharer) UnsplitAmount(context.Context, wx.Trade, string) (int64, error) {
	answer, err := s.enter("amounts")
	return int64(s.total - s.sum()), answer(err)
}

func (s *sharer) ReturnProfit(_ context.Context, asked wx.ProfitReturn) (wx.ProfitReturnState, error) {
	answer, err := s.enter("return")
	if err != nil {
		return wx.ProfitReturnState{}, answer(err)
	}
	r, known := s.returns[asked.OutReturnNo]
	if !known {
		r = &returned{asked, wx.ProfitReturnState{
			OutOrderNo: asked.OutOrderNo, OutReturnNo: asked.OutReturnNo, ReturnID: "3009", From: asked.From, Amount: asked.Amount, Status: wx.ProfitReturnProcessing,
		}}
		s.returns[asked.OutReturnNo] = r
	}
	if r.asked != asked {
		return wx.ProfitReturnState{}, answer(wx.ErrRejected)
	}
	return r.state, answer(nil)
}

func (s *sharer) QueryProfitReturn(_ context.Context, asked wx.ProfitReturn) (wx.ProfitReturnState, error) {
	answer, err := s.enter("query_return")
	r, known := s.returns[asked.OutReturnNo]
	switch {
	case err != nil:
		return wx.ProfitReturnState{}, answer(err)
	case !known:
		return wx.ProfitReturnState{}, answer(wx.ErrProfitSharingUnknown)
	}
	return r.state, answer(nil)
}
