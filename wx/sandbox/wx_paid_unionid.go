package sandbox

import "time"

// paidWindow is how long after a payment getpaidunionid answers.
const paidWindow = 5 * time.Minute

// paidAnswer carries the unionid of somebody who paid.
type paidAnswer struct {
	wxOK
	UnionID string `json:"unionid"`
}

func (p *Platform) getPaidUnionID(in *wxCall) (any, *wxError) {
	app, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return nil, failed
	}
	in.appID = app
	openID := in.query.Get("openid")
	user, owner := p.crowd.owner(openID)
	if owner != app {
		return nil, &wxError{codeOpenID, "invalid openid"}
	}
	unionID := p.unionID(user, app)
	if unionID == "" {
		return nil, &wxError{codeNotBound, "open not exists"}
	}
	order, found := p.book.findPaid(in.query.Get("transaction_id"), in.query.Get("mch_id"), in.query.Get("out_trade_no"))
	if !found || !order.paidBy(app, openID) || p.clock.now().Sub(order.PaidAt) >= paidWindow {
		return nil, &wxError{codeOrderInvalid, "invalid order"}
	}
	return paidAnswer{wxOK{0, "ok"}, unionID}, nil
}
