package pay_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

// sharedOrder is a paid order of 990 fen that may be shared, an hour after the payment.
func sharedOrder(t testing.TB) (*world, *sharer, model.Order) {
	t.Helper()
	w := newWorld(t)
	o := w.create(t, func(r *pay.CreateRequest) { r.ProfitSharing = true })
	p := w.prepay(t, o.ID, alice, appOne)
	if !w.platform.trades[p.Payment.OutTradeNo].asked.ProfitSharing {
		t.Error("the prepay does not say that the payment will be shared")
	}
	w.platform.pays(p.Payment.OutTradeNo)
	if err := w.notify(p.Payment.OutTradeNo); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	s := newSharer()
	w.Profits = s
	return w, s, w.order(t, o.ID)
}

func toMerchant(amount model.Fen) pay.ProfitSharingRequest {
	return pay.ProfitSharingRequest{Receivers: []pay.ProfitPart{{Type: "MERCHANT_ID", Account: "1900000109", Name: "张三丰", Amount: amount, Description: "part"}}}
}

func (w *world) share(id string, r pay.ProfitSharingRequest) (model.ProfitSharing, error) {
	_, x, err := w.ShareProfit(context.Background(), id, r, pay.IdempotencyKey{})
	return x, err
}

func (w *world) sweep(t testing.TB) {
	t.Helper()
	w.pass(2 * time.Hour)
	if _, err := w.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestAProfitSharingFromCreatedToFinished(t *testing.T) {
	w, s, o := sharedOrder(t)
	r := toMerchant(300)
	r.Receivers = append(r.Receivers, pay.ProfitPart{Type: "PERSONAL_OPENID", Account: "o-9", Amount: 5, Description: "tip"})
	x, err := w.share(o.ID, r)
	if err != nil || x.Status != model.ProfitSharingProcessing || x.OrderID == "" || x.Receivers[0].Name != "" {
		t.Fatalf("got %+v, %v", x, err)
	}
	asked := s.orders[x.ID].asked
	if asked.MerchantID != merchantID || asked.AppID != appOne || asked.TransactionID == "" || asked.Receivers[0].Name != "张三丰" || asked.UnfreezeUnsplit {
		t.Errorf("asked for %+v", asked)
	}
	s.ends(x.ID, "o-9")
	w.sweep(t)
	got := w.order(t, o.ID)
	x = got.ProfitSharings[0]
	if x.Status != model.ProfitSharingFinished || x.Receivers[0].Result != model.ProfitSuccess || x.Receivers[1].Result != model.ProfitClosed ||
		x.Receivers[1].FailReason != "NO_RELATION" || x.FinishedAt.IsZero() || !got.CheckAt.IsZero() {
		t.Errorf("got %+v, check at %v", x, got.CheckAt)
	}
	var steps []string
	for _, h := range got.History {
		if strings.HasPrefix(h.What, "profit") {
			steps = append(steps, h.What+" "+h.Note)
		}
	}
	if fmt.Sprint(steps) != "[profit_sharing_created 305 fen to 2 receivers profit_sharing_processing 0 of 2 parts arrived profit_sharing_finished 1 of 2 parts arrived]" {
		t.Errorf("the timeline says %q", steps)
	}
	if amount, err := w.UnsplitAmount(context.Background(), o.ID); err != nil || amount != 690 {
		t.Errorf("%d left, %v", amount, err)
	}
}

func TestProfitSharingsThatAreRefused(t *testing.T) {
	w, s, o := sharedOrder(t)
	unpaid, plain := w.create(t, func(r *pay.CreateRequest) { r.ProfitSharing = true }), w.paidOrder(t)
	twice := toMerchant(1)
	twice.Receivers = append(twice.Receivers, twice.Receivers[0])
	with := func(change func(*pay.ProfitPart)) pay.ProfitSharingRequest {
		r := toMerchant(1)
		change(&r.Receivers[0])
		return r
	}
	for name, c := range map[string]struct {
		id   string
		r    pay.ProfitSharingRequest
		code string
	}{
		"nobody, no reason":  {o.ID, pay.ProfitSharingRequest{}, "invalid_input"},
		"nothing":            {o.ID, toMerchant(0), "invalid_input"},
		"less than nothing":  {o.ID, toMerchant(-1), "invalid_input"},
		"twice":              {o.ID, twice, "invalid_input"},
		"a strange type":     {o.ID, with(func(p *pay.ProfitPart) { p.Type = "CAT" }), "invalid_input"},
		"no account":         {o.ID, with(func(p *pay.ProfitPart) { p.Account = "" }), "invalid_input"},
		"no description":     {o.ID, with(func(p *pay.ProfitPart) { p.Description = "" }), "invalid_input"},
		"51":                 {o.ID, pay.ProfitSharingRequest{Receivers: make([]pay.ProfitPart, 51)}, "invalid_input"},
		"more than there is": {o.ID, toMerchant(991), "profit_sharing_exceeds_payment"},
		"not paid":           {unpaid.ID, toMerchant(1), "order_not_paid"},
		"not to be shared":   {plain.ID, toMerchant(1), "profit_sharing_not_asked_for"},
		"no such order":      {"01ARZ3NDEKTSV4RRFFQ69G5FAV", toMerchant(1), "order_not_found"},
	} {
		if _, err := w.share(c.id, c.r); model.CodeOf(err) != c.code {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if s.count("share") != 0 || len(w.order(t, o.ID).ProfitSharings) != 0 {
		t.Error("something was asked for, or stored")
	}
}

func TestPartsAndRefundsTogetherNeverExceedThePayment(t *testing.T) {
	w, _, o := sharedOrder(t)
	if _, err := w.refund(o.ID, 90); err != nil {
		t.Fatal(err)
	}
	if _, err := w.share(o.ID, toMerchant(901)); model.CodeOf(err) != "profit_sharing_exceeds_payment" {
		t.Errorf("got %v", err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var sum model.Fen
	for range 20 {
		wg.Go(func() {
			x, err := w.share(o.ID, toMerchant(100))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				sum += x.Receivers[0].Amount
			} else if model.CodeOf(err) != "profit_sharing_exceeds_payment" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if sum != 900 || len(w.order(t, o.ID).ProfitSharings) != 9 {
		t.Errorf("%d fen were shared", sum)
	}
}

// The answer gets lost: the sweep asks for the same number with the same values.
func TestALostAnswerMakesOneProfitSharing(t *testing.T) {
	for name, spoil := range map[string]func(*sharer){
		"it got through": func(s *sharer) { s.lost = true },
		"it did not":     func(s *sharer) { s.fail = wx.ErrTimeout },
		"forged":         func(s *sharer) { s.fail = wx.ErrForged },
		"too early":      func(s *sharer) { s.fail = wx.ErrProfitSharingTooEarly },
	} {
		w, s, o := sharedOrder(t)
		spoil(s)
		x, err := w.share(o.ID, toMerchant(300))
		if err != nil || x.Status != model.ProfitSharingCreated || x.Receivers[0].Name == "" {
			t.Errorf("%s: got %+v, %v", name, x, err)
		}
		w.sweep(t)
		got := w.order(t, o.ID).ProfitSharings
		if len(got) != 1 || got[0].Status != model.ProfitSharingProcessing || got[0].Receivers[0].Name != "" || len(s.orders) != 1 || s.count("share") != 2 {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// A refusal counts only after the number was asked about: an earlier try may have got through.
func TestARefusedProfitSharing(t *testing.T) {
	refusal := wx.Refused(wx.ErrRejected, model.Upstream{Service: "wechat_pay", Code: "INVALID_REQUEST", Message: "非分账订单不支持分账"})
	w, s, o := sharedOrder(t)
	s.fail = refusal
	if _, err := w.share(o.ID, toMerchant(990)); !errors.Is(err, wx.ErrRejected) {
		t.Errorf("got %v", err)
	}
	x := w.order(t, o.ID).ProfitSharings[0]
	if x.Status != model.ProfitSharingFailed || x.LastError != "INVALID_REQUEST: 非分账订单不支持分账" || x.Receivers[0].Name != "" || s.count("query") != 1 {
		t.Errorf("got %+v", x)
	}
	if x, err := w.share(o.ID, toMerchant(990)); err != nil || x.ID == w.order(t, o.ID).ProfitSharings[0].ID {
		t.Errorf("what failed takes up the payment, or its number is used again: %v", err)
	}

	w, s, o = sharedOrder(t)
	s.lost = true
	if _, err := w.share(o.ID, toMerchant(300)); err != nil {
		t.Fatal(err)
	}
	s.fail = refusal // of a repetition of what got through
	w.sweep(t)
	if x := w.order(t, o.ID).ProfitSharings[0]; x.Status != model.ProfitSharingProcessing {
		t.Errorf("got %+v", x)
	}
}

func TestWithinAMinuteOfThePaymentItWaits(t *testing.T) {
	w := newWorld(t)
	s := newSharer()
	w.Profits = s
	o := w.create(t, func(r *pay.CreateRequest) { r.ProfitSharing = true })
	p := w.prepay(t, o.ID, alice, appOne)
	w.platform.pays(p.Payment.OutTradeNo)
	if err := w.notify(p.Payment.OutTradeNo); err != nil {
		t.Fatal(err)
	}
	if x, err := w.share(o.ID, toMerchant(1)); err != nil || x.Status != model.ProfitSharingCreated || s.count("share") != 0 {
		t.Errorf("got %+v, %v", x, err)
	}
	w.sweep(t)
	if x := w.order(t, o.ID).ProfitSharings[0]; x.Status != model.ProfitSharingProcessing {
		t.Errorf("got %+v", x)
	}
}

func TestUnfreezeEndsTheSharing(t *testing.T) {
	w, s, o := sharedOrder(t)
	if _, err := w.share(o.ID, toMerchant(1)); err != nil {
		t.Fatal(err)
	}
	x, err := w.share(o.ID, pay.ProfitSharingRequest{Description: "rest"})
	if err != nil || len(s.orders[x.ID].asked.Receivers) != 0 || s.orders[x.ID].asked.Description != "rest" {
		t.Fatalf("got %+v, %v", x, err)
	}
	if _, err := w.share(o.ID, toMerchant(1)); model.CodeOf(err) != "profit_sharing_over" {
		t.Errorf("got %v", err)
	}
	s.ends(x.ID)
	if _, got, err := w.FindProfitSharing(context.Background(), x.ID, true); err != nil || got.Status != model.ProfitSharingFinished {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestARepeatedRequestSharesOnce(t *testing.T) {
	w, s, o := sharedOrder(t)
	key := pay.IdempotencyKey{Scope: "key:shop", Key: "k"}
	first, err := ask(w, o.ID, toMerchant(10), key)
	second, again := ask(w, o.ID, toMerchant(10), key)
	if err != nil || again != nil || first.ID != second.ID || s.count("share") != 1 {
		t.Errorf("got %+v, %v; %+v, %v", first, err, second, again)
	}
	if _, err := ask(w, o.ID, toMerchant(11), key); model.CodeOf(err) != "idempotency_conflict" {
		t.Errorf("got %v", err)
	}
}

func ask(w *world, id string, r pay.ProfitSharingRequest, key pay.IdempotencyKey) (model.ProfitSharing, error) {
	_, x, err := w.ShareProfit(context.Background(), id, r, key)
	return x, err
}

func TestAStatementAboutOtherPartsIsNotBelieved(t *testing.T) {
	for name, change := range map[string]func(*wx.ProfitSharingState){
		"another amount":     func(x *wx.ProfitSharingState) { x.Parts[0].Amount++ },
		"a missing receiver": func(x *wx.ProfitSharingState) { x.Parts = nil },
		"another order_id":   func(x *wx.ProfitSharingState) { x.OrderID = "x" },
		"a pending part":     func(x *wx.ProfitSharingState) { x.Parts[0].Result = wx.ProfitPending },
	} {
		w, s, o := sharedOrder(t)
		x, err := w.share(o.ID, toMerchant(300))
		if err != nil {
			t.Fatal(err)
		}
		s.ends(x.ID)
		change(&s.orders[x.ID].state)
		if _, _, err := w.FindProfitSharing(context.Background(), x.ID, true); !errors.Is(err, wx.ErrRejected) {
			t.Errorf("%s: got %v", name, err)
		}
		if got := w.order(t, o.ID).ProfitSharings[0]; got.Status != model.ProfitSharingProcessing {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestReturns(t *testing.T) {
	w, s, o := sharedOrder(t)
	x, err := w.share(o.ID, toMerchant(300))
	if err != nil {
		t.Fatal(err)
	}
	back := func(from string, amount model.Fen, key string) (model.ProfitReturn, error) {
		return w.ReturnProfit(context.Background(), x.ID, pay.ProfitReturnRequest{MerchantID: from, Amount: amount, Description: "back"}, pay.IdempotencyKey{Scope: "s", Key: key})
	}
	if _, err := back("1900000109", 1, ""); model.CodeOf(err) != "profit_return_exceeds_part" { // it has not arrived yet
		t.Errorf("got %v", err)
	}
	s.ends(x.ID)
	w.sweep(t)
	first, err := back("1900000109", 200, "k")
	again, fault := back("1900000109", 200, "k")
	if err != nil || fault != nil || first.Status != model.ProfitReturnProcessing || again.ID != first.ID || s.count("return") != 1 {
		t.Fatalf("got %+v, %v; %+v, %v", first, err, again, fault)
	}
	for name, c := range map[string]struct {
		from   string
		amount model.Fen
		code   string
	}{
		"too much":        {"1900000109", 101, "profit_return_exceeds_part"},
		"somebody else":   {"1900000110", 1, "profit_return_exceeds_part"},
		"nothing":         {"1900000109", 0, "invalid_input"},
		"the same, other": {"1900000109", 1, "idempotency_conflict"},
	} {
		key := ""
		if c.code == "idempotency_conflict" {
			key = "k"
		}
		if _, err := back(c.from, c.amount, key); model.CodeOf(err) != c.code {
			t.Errorf("%s: got %v", name, err)
		}
	}
	s.lost = true
	second, err := back("1900000109", 100, "")
	if err != nil || second.Status != model.ProfitReturnCreated {
		t.Errorf("got %+v, %v", second, err)
	}
	s.returns[first.ID].state.Status, s.returns[first.ID].state.FailReason = wx.ProfitReturnFailed, "BALANCE_NOT_ENOUGH"
	s.returns[second.ID].state.Status = wx.ProfitReturnSuccess
	w.sweep(t)
	got := w.order(t, o.ID).ProfitSharings[0].Returns
	if len(got) != 2 || got[0].Status != model.ProfitReturnFailed || got[0].LastError != "BALANCE_NOT_ENOUGH" || got[1].Status != model.ProfitReturnSucceeded {
		t.Errorf("got %+v", got)
	}
	if r, err := back("1900000109", 200, ""); err != nil || r.ID != x.ID+"B03" { // what failed can be asked for anew
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestReceivers(t *testing.T) {
	w := newWorld(t)
	s := newSharer()
	w.Profits = s
	good := pay.Receiver{MerchantID: merchantID, AppID: appOne, Type: "MERCHANT_ID", Account: "1900000109", Name: "张三丰", Relation: "STORE"}
	if err := errors.Join(w.AddReceiver(context.Background(), good), w.DeleteReceiver(context.Background(), good)); err != nil || len(s.receivers) != 2 {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*pay.Receiver){
		"merchant_id":     func(r *pay.Receiver) { r.MerchantID = "1" },
		"sub_merchant_id": func(r *pay.Receiver) { r.SubMerchantID = "1900000301" },
		"app_id":          func(r *pay.Receiver) { r.AppID = "wx-other" },
		"app_id ":         func(r *pay.Receiver) { r.Type = "PERSONAL_SUB_OPENID" },
		"type":            func(r *pay.Receiver) { r.Type = "CAT" },
		"account":         func(r *pay.Receiver) { r.Account = "a b" },
		"relation_type":   func(r *pay.Receiver) { r.Relation = "FRIEND" },
		"custom_relation": func(r *pay.Receiver) { r.Relation = "CUSTOM" },
		"name":            func(r *pay.Receiver) { r.Name = "a\nb" },
	} {
		r := good
		change(&r)
		if f := model.AsError(w.AddReceiver(context.Background(), r)).Fields; len(f) != 1 || f[0].Name != strings.TrimSpace(field) {
			t.Errorf("%s: got %+v", field, f)
		}
	}
	if len(s.receivers) != 2 {
		t.Error("something was asked for")
	}
}
