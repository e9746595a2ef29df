package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

func (w *wechat) PrepayCombined(_ context.Context, r wx.CombinedPrepay) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("prepay"); err != nil {
		return "", err
	}
	w.wholes[r.OutTradeNo] = r
	for _, part := range r.Parts {
		asked := wx.Prepay{Trade: part.Trade, AppID: r.AppID, OpenID: r.OpenID, Amount: part.Amount, Currency: part.Currency}
		w.trades[part.OutTradeNo] = &trade{asked: asked, state: wx.TradeNotPay}
	}
	return "prepay-" + r.OutTradeNo, nil
}

func (w *wechat) QueryCombined(_ context.Context, _, number string) (wx.CombinedTransaction, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("query"); err != nil {
		return wx.CombinedTransaction{}, err
	}
	said, known := w.told(number)
	if !known {
		return said, wx.ErrTradeUnknown
	}
	return said, nil
}

// told is what WeChat says of a combined payment. The lock is held.
func (w *wechat) told(number string) (wx.CombinedTransaction, bool) {
	whole, known := w.wholes[number]
	out := wx.CombinedTransaction{MerchantID: whole.MerchantID, OutTradeNo: number}
	for _, part := range whole.Parts {
		out.Parts = append(out.Parts, w.trades[part.OutTradeNo].transaction(part.OutTradeNo))
	}
	return out, known
}

func (w *wechat) CloseCombined(_ context.Context, _ wx.CombinedTrade, parts []wx.Trade) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("close"); err != nil {
		return err
	}
	for _, part := range parts {
		w.trades[part.OutTradeNo].state = wx.TradeClosed
	}
	return nil
}

func (w *wechat) InvokeCombinedApp(merchantID, appID, prepayID string) (wx.AppInvoke, error) {
	return w.InvokeApp(wx.Trade{MerchantID: merchantID}, appID, prepayID)
}

func (w *world) combine(t *testing.T, ids ...string) pay.CombinedOrderView {
	t.Helper()
	return decode[pay.CombinedOrderView](t, w.post(t, "/v1/combined-orders", ordersKey, ordersOf(ids...)), http.StatusCreated)
}

func ordersOf(ids ...string) string {
	raw, _ := json.Marshal(map[string][]string{"orders": ids}) // strings marshal
	return string(raw)
}

type combinedPrepaid struct {
	CombinedOrder pay.CombinedOrderView   `json:"order"`
	Payment       pay.CombinedPaymentView `json:"payment"`
	Invoke        struct {
		AppID     string `json:"appId"`
		PartnerID string `json:"partnerid"`
		Package   string `json:"package"`
		CodeURL   string `json:"code_url"`
		H5URL     string `json:"h5_url"`
	} `json:"invoke"`
}

func TestOrdersArePaidTogether(t *testing.T) {
	w := newWorld(t)
	session := w.login(t, "alice")
	one, two := w.create(t, orderBody), w.create(t, strings.Replace(orderBody, "990", "10", 1))
	c := w.combine(t, one.ID, two.ID)
	if c.Status != "created" || c.Amount != 1000 || c.Currency != "CNY" || len(c.Orders) != 2 || c.Orders[0].ID != one.ID || len(c.Payments) != 0 {
		t.Errorf("got %+v", c)
	}
	path := "/v1/combined-orders/" + c.ID
	for range 2 { // asking again returns the open payment
		p := decode[combinedPrepaid](t, w.post(t, path+"/prepay", session.Token, `{"method":"mini_program"}`), http.StatusOK)
		if p.CombinedOrder.Status != "pending" || p.Payment.Status != "pending" || p.Invoke.AppID != miniApp || p.Invoke.Package != "prepay_id=prepay-"+p.Payment.CombineOutTradeNo {
			t.Errorf("got %+v", p)
		}
		if len(p.CombinedOrder.Payments) != 1 || p.CombinedOrder.Orders[1].Payments[0].CombineOutTradeNo != p.Payment.CombineOutTradeNo || p.CombinedOrder.Orders[1].UserID != session.User.ID {
			t.Errorf("got %+v", p.CombinedOrder)
		}
		c = p.CombinedOrder
	}
	for _, o := range c.Orders {
		w.wechat.pays(o.Payments[0].OutTradeNo)
	}
	for range 2 { // WeChat Pay says it twice
		if a := w.notify(t, c.Payments[0].CombineOutTradeNo); a.Status != http.StatusNoContent {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
	}
	got := decode[pay.CombinedOrderView](t, w.get(t, path+"?refresh=true", session.Token), http.StatusOK)
	if got.Status != "paid" || got.Payments[0].Status != "paid" || got.Orders[0].Payments[0].TransactionID == got.Orders[1].Payments[0].TransactionID {
		t.Errorf("got %+v", got)
	}
	refund := decode[pay.RefundView](t, w.post(t, "/v1/orders/"+two.ID+"/refunds", ordersKey, `{"amount":10}`), http.StatusCreated)
	if refund.OutTradeNo != got.Orders[1].Payments[0].OutTradeNo {
		t.Errorf("got %+v", refund)
	}
	wantProblem(t, w.post(t, path+"/close", ordersKey, ""), 409, "order_paid")
}

func TestCombinedOrdersAreMadeOnce(t *testing.T) {
	w := newWorld(t)
	one, two, three := w.create(t, orderBody), w.create(t, orderBody), w.create(t, orderBody)
	post := func(key string, ids ...string) answer {
		return w.post(t, "/v1/combined-orders", ordersKey, ordersOf(ids...), "Idempotency-Key: "+key)
	}
	first := decode[pay.CombinedOrderView](t, post("k", one.ID, two.ID), http.StatusCreated)
	again := decode[pay.CombinedOrderView](t, post("k", one.ID, two.ID), http.StatusCreated)
	other := decode[pay.CombinedOrderView](t, post("l", one.ID, two.ID), http.StatusCreated)
	if first.ID != again.ID || first.ID == other.ID || !model.ValidID(first.ID) {
		t.Errorf("ids %s, %s, %s", first.ID, again.ID, other.ID)
	}
	wantProblem(t, post("k", one.ID, three.ID), 409, "idempotency_conflict")
}

func TestOrdersThatDoNotCombine(t *testing.T) {
	w := newWorld(t)
	alice, bob := w.login(t, "alice"), w.login(t, "bob")
	mine := w.create(t, strings.Replace(orderBody, "{", `{"user_id":"`+alice.User.ID+`",`, 1))
	bobs := w.create(t, strings.Replace(orderBody, "{", `{"user_id":"`+bob.User.ID+`",`, 1))
	free, closed := w.create(t, orderBody), w.create(t, orderBody)
	w.post(t, "/v1/orders/"+closed.ID+"/close", ordersKey, "")
	eleven := make([]string, 11)
	for i := range eleven {
		eleven[i] = free.ID
	}
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"one order":          {ordersOf(free.ID), 422, "invalid_input"},
		"eleven":             {ordersOf(eleven...), 422, "invalid_input"},
		"the same twice":     {ordersOf(free.ID, free.ID), 422, "invalid_input"},
		"two users'":         {ordersOf(mine.ID, bobs.ID), 422, "invalid_input"},
		"a closed one":       {ordersOf(free.ID, closed.ID), 409, "order_closed"},
		"one that is not":    {ordersOf(free.ID, strings.Repeat("0", 26)), 404, "order_not_found"},
		"none":               {`{"orders":null}`, 422, "invalid_input"},
		"no list":            {`{"orders":"` + free.ID + `"}`, 422, "invalid_input"},
		"a field too many":   {strings.Replace(ordersOf(free.ID, mine.ID), "{", `{"x":1,`, 1), 422, "invalid_input"},
		"an id that is none": {ordersOf(free.ID, "../x"), 404, "order_not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, w.post(t, "/v1/combined-orders", ordersKey, c.body), c.status, c.code)
		})
	}
	whole := w.combine(t, mine.ID, free.ID)
	path := "/v1/combined-orders/" + whole.ID
	wantProblem(t, w.post(t, path+"/prepay", alice.Token, `{"method":"code"}`), 422, "invalid_input")
	wantProblem(t, w.post(t, path+"/prepay", ordersKey, `{"method":"h5"}`), 422, "invalid_input")
	wantProblem(t, w.get(t, "/v1/combined-orders/"+mine.ID, ordersKey), 404, "combined_order_not_found")
	wantProblem(t, w.get(t, "/v1/combined-orders/x", ordersKey), 404, "combined_order_not_found")
	got := decode[pay.CombinedOrderView](t, w.post(t, path+"/close", ordersKey, ""), http.StatusOK)
	if got.Status != "closed" {
		t.Errorf("got %+v", got)
	}
	wantProblem(t, w.post(t, path+"/prepay", alice.Token, `{"method":"mini_program"}`), 409, "order_closed")
}
