package pay_test

import (
	"context"
	"reflect"
	"slices"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/wx"
)

// whole is a combined payment at the platform, after PROTOCOL §2.5: it is paid and closed as a
// whole; its parts are trades that only the whole's number finds.
type whole struct {
	asked        wx.CombinedPrepay
	paid, closed bool
}

func (p *platform) PrepayCombined(_ context.Context, r wx.CombinedPrepay) (string, error) {
	p.point()
	defer p.point()
	if p.meanwhile != nil {
		p.meanwhile()
	}
	answer := p.enter("prepay_combined")
	if err := p.refused("prepay_combined"); err != nil {
		return "", answer(err)
	}
	w, known := p.wholes[r.OutTradeNo]
	switch {
	case known && w.paid:
		return "", answer(wx.ErrTradePaid)
	case known && w.closed:
		return "", answer(wx.ErrTradeClosed)
	case known && !reflect.DeepEqual(w.asked, r):
		return "", answer(wx.ErrTradeDiffers)
	case !known:
		for _, part := range r.Parts {
			if p.trades[part.OutTradeNo] != nil {
				return "", answer(wx.ErrTradeDiffers)
			}
		}
		p.wholes[r.OutTradeNo] = &whole{asked: r}
		for _, part := range r.Parts {
			p.trades[part.OutTradeNo] = &trade{whole: r.OutTradeNo, state: wx.TradeNotPay, asked: wx.Prepay{
				Trade: part.Trade, AppID: r.AppID, SubAppID: r.SubAppID, OpenID: r.OpenID, Amount: part.Amount, Currency: part.Currency,
			}}
		}
	}
	if err := answer(nil); err != nil {
		return "", err
	}
	return "prepay-" + r.OutTradeNo, nil
}

func (p *platform) QueryCombined(_ context.Context, merchantID, number string) (wx.CombinedTransaction, error) {
	answer := p.enter("query_combined")
	if err := p.refused("query_combined"); err != nil {
		return wx.CombinedTransaction{}, answer(err)
	}
	if w := p.wholes[number]; w == nil || w.asked.MerchantID != merchantID {
		return wx.CombinedTransaction{}, answer(wx.ErrTradeUnknown)
	}
	return p.told(number), answer(nil)
}

// told is what the platform says of a whole. The lock is held.
func (p *platform) told(number string) wx.CombinedTransaction {
	out := wx.CombinedTransaction{MerchantID: p.wholes[number].asked.MerchantID, OutTradeNo: number}
	for _, part := range p.wholes[number].asked.Parts {
		out.Parts = append(out.Parts, p.trades[part.OutTradeNo].transaction(part.OutTradeNo))
	}
	return out
}

func (p *platform) CloseCombined(_ context.Context, t wx.CombinedTrade, parts []wx.Trade) error {
	p.point()
	defer p.point()
	answer := p.enter("close_combined")
	if err := p.refused("close_combined"); err != nil {
		return answer(err)
	}
	w, known := p.wholes[t.OutTradeNo]
	if !known { // poisoned
		p.wholes[t.OutTradeNo] = &whole{closed: true, asked: wx.CombinedPrepay{CombinedTrade: t}}
		return answer(nil)
	}
	var asked []wx.Trade
	for _, part := range w.asked.Parts {
		asked = append(asked, part.Trade)
	}
	switch {
	case w.asked.Parts != nil && (w.asked.CombinedTrade != t || !slices.Equal(asked, parts)):
		return answer(wx.ErrRejected)
	case w.paid:
		return answer(wx.ErrTradePaid)
	}
	w.closed = true
	for _, part := range asked {
		p.trades[part.OutTradeNo].state = wx.TradeClosed
	}
	return answer(nil)
}

func (p *platform) InvokeCombinedApp(merchantID, appID, prepayID string) (wx.AppInvoke, error) {
	return wx.AppInvoke{AppID: appID, PartnerID: merchantID, PrepayID: prepayID}, nil
}

// paidWith are all trades that are paid when one is. The lock is held.
func (p *platform) paidWith(number string) (all []*trade) {
	t := p.trades[number]
	if t.whole == "" {
		return []*trade{t}
	}
	w := p.wholes[t.whole]
	w.paid = true
	for _, part := range w.asked.Parts {
		all = append(all, p.trades[part.OutTradeNo])
	}
	return all
}

// mortalTogether is mortal for combined orders.
type mortalTogether struct {
	*sqlitestore.Store
	platform *platform
}

func (m mortalTogether) ReplaceCombinedOrder(ctx context.Context, c model.CombinedOrder) error {
	m.platform.point()
	err := m.Store.ReplaceCombinedOrder(ctx, c)
	m.platform.point()
	return err
}
