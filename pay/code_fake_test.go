package pay_test

import (
	"context"
	"runtime"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// codes is what the platform knows of payments by code.
type codes struct {
	used     map[string]string // the number that a code was charged by
	password bool              // payers are asked for a password, and have not entered it
	recall   int               // so often reverse says: call again
	lost     bool              // the next answer of reverse gets lost
	crash    int               // >0: so many points on, the process dies
}

// point is a moment at which the process may die: nothing that comes after it happens.
func (p *platform) point() {
	p.mu.Lock()
	p.codes.crash--
	dies := p.codes.crash == 0
	p.mu.Unlock()
	if dies {
		runtime.Goexit()
	}
}

func (p *platform) PayCode(_ context.Context, r wx.CodePayment) (wx.Transaction, error) {
	p.point()
	t, err := p.payCode(r)
	p.point()
	return t, err
}

func (p *platform) payCode(r wx.CodePayment) (wx.Transaction, error) {
	answer := p.enter("pay_code")
	if err := p.refused("pay_code"); err != nil {
		return wx.Transaction{}, answer(err)
	}
	if t, ok := p.trades[r.OutTradeNo]; ok {
		if t.state == wx.TradeSuccess {
			return wx.Transaction{}, answer(wx.ErrTradePaid)
		}
		return wx.Transaction{}, answer(wx.ErrTradeClosed)
	}
	if _, used := p.codes.used[r.AuthCode.Reveal()]; used {
		return wx.Transaction{}, answer(wx.ErrAuthCode)
	}
	if p.codes.used == nil {
		p.codes.used = map[string]string{}
	}
	p.codes.used[r.AuthCode.Reveal()] = r.OutTradeNo
	t := &trade{asked: wx.Prepay{Trade: r.Trade, AppID: r.AppID, SubAppID: r.SubAppID, Amount: r.Amount, Currency: r.Currency}, state: wx.TradeUserPaying}
	if !p.codes.password {
		t.state, t.paid = wx.TradeSuccess, model.Instant(time.Now())
	}
	p.trades[r.OutTradeNo] = t
	tx := t.transaction(r.OutTradeNo)
	return tx, answer(nil)
}

func (p *platform) QueryCode(ctx context.Context, t wx.CodeTrade) (wx.Transaction, error) {
	p.point()
	tx, err := p.Query(ctx, t.Trade)
	p.point()
	return tx, err
}

func (p *platform) ReverseCode(_ context.Context, r wx.CodeTrade) error {
	p.point()
	err := p.reverseCode(r)
	p.point()
	return err
}

func (p *platform) reverseCode(r wx.CodeTrade) error {
	answer := p.enter("reverse")
	if err := p.refused("reverse"); err != nil {
		return answer(err)
	}
	t, ok := p.trades[r.OutTradeNo]
	switch {
	case !ok:
		return answer(wx.ErrTradeUnknown)
	case p.codes.recall > 0:
		p.codes.recall--
		return answer(wx.ErrBusy)
	case t.state == wx.TradeSuccess:
		t.state, t.reversed = wx.TradeRefund, true
	case t.state != wx.TradeRefund:
		t.state, t.reversed = wx.TradeRevoked, true
	}
	if p.codes.lost {
		p.codes.lost = false
		return answer(wx.ErrTimeout)
	}
	return answer(nil)
}
