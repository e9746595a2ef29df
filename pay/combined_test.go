package pay_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/wx"
)

var backend = pay.Caller{Backend: true}

func (w *world) combine(t testing.TB, ids ...string) pay.Combined {
	t.Helper()
	c, err := w.Combine(context.Background(), ids, backend, pay.IdempotencyKey{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) prepayTogether(t testing.TB, id, user, app string) pay.CombinedPrepaid {
	t.Helper()
	p, err := w.PrepayCombined(context.Background(), by(id, user, app))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// two are two orders of 990 and 20 fen that are paid together.
func (w *world) two(t testing.TB) (one, two model.Order, c pay.Combined) {
	t.Helper()
	one, two = w.create(t, nil), w.create(t, func(r *pay.CreateRequest) { r.Amount, r.Attach = 20, "table 4" })
	return one, two, w.combine(t, one.ID, two.ID)
}

func TestOneNotificationPaysAllOrders(t *testing.T) {
	w := newWorld(t)
	one, two, c := w.two(t)
	p := w.prepayTogether(t, c.ID, alice, appOne)
	number := p.Payment.OutTradeNo
	if len(number) < 6 || len(number) > 32 || p.Invoke.JSAPI.Package != "prepay_id=prepay-"+number {
		t.Errorf("got %+v", p)
	}
	for i, o := range p.Members {
		if o.UserID != alice || o.Status != model.OrderPending || o.Payments[0].CombineOutTradeNo != number || o.Payments[0].Status != model.PaymentPending {
			t.Errorf("member %d: %+v", i, o)
		}
	}
	asked := w.platform.wholes[number].asked
	if asked.Parts[0].Attach != one.ID || asked.Parts[1].Attach != "table 4" || asked.OpenID != "o-a1" || !asked.ExpiresAt.Equal(one.ExpiresAt) {
		t.Errorf("asked for %+v", asked)
	}
	w.platform.pays(p.Members[1].Payments[0].OutTradeNo)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := w.notify(number); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i, id := range []string{one.ID, two.ID} {
		o := w.order(t, id)
		if o.Status != model.OrderPaid || o.Payments[0].TransactionID == "" || events(o, model.EventOrderPaid) != 1 || o.Version != p.Members[i].Version+1 {
			t.Errorf("got %+v", o)
		}
	}
	if _, err := w.refund(two.ID, 20); err != nil {
		t.Fatal(err)
	}
	if got := w.platform.total(two.ID); got != 20 {
		t.Errorf("%d fen were given back", got)
	}
}

// What WeChat Pay signs about one of the orders is not true: none of them changes.
func TestAStatementThatIsFalseOfOneOrderChangesNone(t *testing.T) {
	w := newWorld(t)
	one, two, c := w.two(t)
	stranger := w.prepay(t, w.create(t, nil).ID, bob, appOne)
	p := w.prepayTogether(t, c.ID, alice, appOne)
	for name, spoil := range map[string]func(*wx.CombinedTransaction){
		"another merchant":       func(x *wx.CombinedTransaction) { x.Parts[1].MerchantID = "1900000002" },
		"a sub merchant":         func(x *wx.CombinedTransaction) { x.Parts[1].SubMerchantID = "1900000002" },
		"another app":            func(x *wx.CombinedTransaction) { x.Parts[1].AppID = appTwo },
		"one fen less":           func(x *wx.CombinedTransaction) { x.Parts[1].Amount-- },
		"another currency":       func(x *wx.CombinedTransaction) { x.Parts[1].Currency = "USD" },
		"another order's number": func(x *wx.CombinedTransaction) { x.Parts[1].OutTradeNo = stranger.Payment.OutTradeNo },
		"one order twice":        func(x *wx.CombinedTransaction) { x.Parts[1] = x.Parts[0] },
		"one order missing":      func(x *wx.CombinedTransaction) { x.Parts = x.Parts[:1] },
		"one order more":         func(x *wx.CombinedTransaction) { x.Parts = append(x.Parts, x.Parts[0]) },
		"amounts swapped": func(x *wx.CombinedTransaction) {
			x.Parts[0].Amount, x.Parts[1].Amount = x.Parts[1].Amount, x.Parts[0].Amount
		},
		"one order not paid": func(x *wx.CombinedTransaction) { x.Parts[1].State = wx.TradeNotPay },
		"no such attempt":    func(x *wx.CombinedTransaction) { x.OutTradeNo = x.OutTradeNo[:27] + "02" },
		"no such number":     func(x *wx.CombinedTransaction) { x.OutTradeNo = strings.Repeat("0", 26) + "C01" },
		"not one of ours":    func(x *wx.CombinedTransaction) { x.OutTradeNo = "20260102" },
	} {
		t.Run(name, func(t *testing.T) {
			said := w.platform.told(p.Payment.OutTradeNo)
			said.Parts = slices.Clone(said.Parts)
			for i := range said.Parts {
				said.Parts[i].State, said.Parts[i].TransactionID, said.Parts[i].SuccessTime = wx.TradeSuccess, "4200", time.Now()
			}
			spoil(&said)
			w.platform.next = wx.Notification{EventType: "TRANSACTION.SUCCESS", Combined: &said}
			err := w.notify("any")
			w.platform.next = wx.Notification{}
			if code := model.CodeOf(err); code != "payment_mismatch" && code != "payment_unknown" && code != "notification_malformed" {
				t.Errorf("got %v", err)
			}
			for i, id := range []string{one.ID, two.ID} {
				if o := w.order(t, id); o.Version != p.Members[i].Version {
					t.Errorf("it changed: %+v", o)
				}
			}
		})
	}
	if o := w.order(t, stranger.Order.ID); o.Version != stranger.Order.Version {
		t.Errorf("the stranger's order changed: %+v", o)
	}
}

func TestPrepayTogetherAgainReturnsTheOpenPayment(t *testing.T) {
	w := newWorld(t)
	_, _, c := w.two(t)
	first := w.prepayTogether(t, c.ID, alice, appOne)
	again := w.prepayTogether(t, c.ID, alice, appOne)
	if again.Payment != first.Payment || w.platform.count("prepay_combined") != 1 || again.Members[0].Version != first.Members[0].Version {
		t.Errorf("got %+v after %d calls", again, w.platform.count("prepay_combined"))
	}
	w.pass(111 * time.Minute) // the prepay_id is about to die: the same number is asked for anew
	if third := w.prepayTogether(t, c.ID, alice, appOne); third.Payment.OutTradeNo != first.Payment.OutTradeNo || w.platform.count("prepay_combined") != 2 {
		t.Errorf("got %+v", third.Payment)
	}
	other := w.prepayTogether(t, c.ID, alice, appTwo)
	if other.Payment.OutTradeNo == first.Payment.OutTradeNo || w.platform.pays(first.Members[0].Payments[0].OutTradeNo) {
		t.Errorf("the first attempt can still be paid: %+v", other.Payment)
	}
}

// A lost answer is asked for with the same numbers, so there is never a second live attempt.
func TestLostAnswerOfAPrepayTogether(t *testing.T) {
	w := newWorld(t)
	_, _, c := w.two(t)
	w.platform.lost = true
	_, err := w.PrepayCombined(context.Background(), by(c.ID, alice, appOne))
	wantCode(t, err, "wechat_timeout")
	p := w.prepayTogether(t, c.ID, alice, appOne)
	if len(w.platform.wholes) != 1 || len(p.Payments) != 1 || len(p.Members[1].Payments) != 1 {
		t.Errorf("got %+v", p)
	}
}

func TestRefusedPrepayTogetherTakesNewNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		refusal error
		retried bool // within the same call
	}{
		"rejected":        {wx.ErrRejected, false},
		"number differs":  {wx.ErrTradeDiffers, true},
		"number is spent": {wx.ErrTradeClosed, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, _, whole := w.two(t)
			w.platform.fail["prepay_combined"] = c.refusal
			p, err := w.PrepayCombined(context.Background(), by(whole.ID, alice, appOne))
			if !c.retried {
				wantCode(t, err, model.CodeOf(c.refusal))
				p = w.prepayTogether(t, whole.ID, alice, appOne)
			} else if err != nil {
				t.Fatal(err)
			}
			if len(p.Payments) != 2 || len(p.Members[0].Payments) != 2 || p.Members[0].Payments[1].CombineOutTradeNo != p.Payment.OutTradeNo {
				t.Errorf("got %+v", p)
			}
		})
	}
}

// Somebody closed it in WeChat Pay's console: the next prepay takes new numbers.
func TestPrepayTogetherAfterItWasClosedBehindOurBack(t *testing.T) {
	w := newWorld(t)
	one, _, c := w.two(t)
	first := w.prepayTogether(t, c.ID, alice, appOne)
	asked := w.platform.wholes[first.Payment.OutTradeNo].asked
	if err := w.platform.CloseCombined(context.Background(), asked.CombinedTrade, []wx.Trade{asked.Parts[0].Trade, asked.Parts[1].Trade}); err != nil {
		t.Fatal(err)
	}
	if o, err := w.Refresh(context.Background(), one.ID); err != nil || o.Payments[0].Status != model.PaymentClosed {
		t.Fatalf("got %+v, %v", o, err)
	}
	if second := w.prepayTogether(t, c.ID, alice, appOne); second.Payment.OutTradeNo == first.Payment.OutTradeNo || !w.platform.pays(second.Members[0].Payments[1].OutTradeNo) {
		t.Errorf("got %+v", second.Payment)
	}
}

// An attempt that died before WeChat Pay heard of it is given up without asking.
func TestWhatWeChatNeverHeardOfIsClosedHereOnly(t *testing.T) {
	for point := 1; point <= 6; point++ {
		w := newWorld(t)
		one, two, c := w.two(t)
		w.Orders, w.Combined = mortal{w.store, w.platform}, mortalTogether{w.store, w.platform}
		w.platform.codes.crash = point // around the writes of the whole and of its two parts
		alone(func() { _, _ = w.PrepayCombined(context.Background(), by(c.ID, alice, appOne)) })
		w.platform.codes.crash = 0
		w.prepay(t, two.ID, alice, appTwo)
		w.prepay(t, one.ID, alice, appOne)
		if n := w.platform.count("close_combined") + w.platform.count("prepay_combined"); n != 0 {
			t.Errorf("point %d: WeChat Pay was asked %d times", point, n)
		}
	}
}

// An unsigned word says that WeChat does not know what it gave a prepay_id for. It is
// believed only when a query says so too.
func TestAPendingCombinedPaymentIsNotForgottenOnOneUnsignedWord(t *testing.T) {
	w := newWorld(t)
	one, _, c := w.two(t)
	p := w.prepayTogether(t, c.ID, alice, appOne)
	w.platform.fail["close_combined"] = wx.ErrTradeUnknown
	_, err := w.Close(context.Background(), one.ID, backend)
	wantCode(t, err, "wechat_unavailable")
	if o := w.order(t, one.ID); o.Payments[0].Status != model.PaymentPending || o.Version != p.Members[0].Version {
		t.Errorf("the attempt is %s", o.Payments[0].Status)
	}
}

// Both orders are paid together although that was closed, and one of them alone: the second
// payment of that one is given back, the other order is paid.
func TestAPartThatComesTwiceIsGivenBack(t *testing.T) {
	w := newWorld(t)
	one, two, c := w.two(t)
	whole := w.prepayTogether(t, c.ID, alice, appOne)
	alone := w.prepay(t, one.ID, alice, appOne)
	for _, o := range whole.Members { // the payer was faster than the close
		w.platform.trades[o.Payments[0].OutTradeNo].state = wx.TradeNotPay
	}
	w.platform.pays(alone.Payment.OutTradeNo)
	w.platform.pays(whole.Members[0].Payments[0].OutTradeNo)
	for _, n := range []string{alone.Payment.OutTradeNo, whole.Payment.OutTradeNo, whole.Payment.OutTradeNo} {
		if err := w.notify(n); err != nil {
			t.Fatal(err)
		}
	}
	if o := w.order(t, one.ID); o.Payments[0].Status != model.PaymentDuplicate || o.Payments[1].Status != model.PaymentPaid || len(o.Refunds) != 1 || !o.Refunds[0].Automatic {
		t.Errorf("got %+v", o)
	}
	if o := w.order(t, two.ID); o.Status != model.OrderPaid || len(o.Refunds) != 0 {
		t.Errorf("got %+v", o)
	}
}

// Prepays of both combinations and of each order alone at the same time: at most one way to
// pay an order is left.
func TestConcurrentPrepaysTogetherAndAloneLeaveOneWay(t *testing.T) {
	for range 10 {
		w := newWorld(t)
		one, two, c := w.two(t)
		three := w.create(t, nil)
		other := w.combine(t, two.ID, three.ID)
		var wg sync.WaitGroup
		for range 2 {
			for _, id := range []string{c.ID, other.ID} {
				wg.Go(func() { _, _ = w.PrepayCombined(context.Background(), by(id, alice, appOne)) })
			}
			for _, id := range []string{one.ID, two.ID, three.ID} {
				wg.Go(func() { _, _ = w.Prepay(context.Background(), by(id, alice, appTwo)) })
			}
		}
		wg.Wait()
		for _, id := range []string{one.ID, two.ID, three.ID} {
			var ways []string
			for n, x := range w.platform.trades {
				if strings.HasPrefix(n, id) && x.state == wx.TradeNotPay {
					ways = append(ways, n)
				}
			}
			if len(ways) > 1 {
				t.Fatalf("order %s can be paid in %d ways: %q", id, len(ways), ways)
			}
		}
	}
}

// interloper lets something happen when an attempt has been reserved and its parts have not.
type interloper struct {
	*sqlitestore.Store
	after func()
}

func (i *interloper) ReplaceCombinedOrder(ctx context.Context, c model.CombinedOrder) error {
	err := i.Store.ReplaceCombinedOrder(ctx, c)
	if f := i.after; f != nil {
		i.after = nil
		f()
	}
	return err
}

// One of the orders becomes alice's, or is being charged by a code, while bob's prepay of both is
// under way. Her payment is as good as before.
func TestAPrepayTogetherDoesNotCloseWhatItMayNot(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile pay.PrepayRequest
		code      string
	}{
		"another's payment": {by("", alice, appOne), "not_your_order"},
		"a payer's code":    {byCode("", codeOne), "payment_in_progress"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, two, whole := w.two(t)
			w.platform.codes.password = true
			w.Combined = &interloper{w.store, func() {
				c.meanwhile.OrderID = two.ID
				if _, err := w.Prepay(context.Background(), c.meanwhile); err != nil {
					t.Error(err)
				}
			}}
			_, err := w.PrepayCombined(context.Background(), by(whole.ID, bob, appOne))
			wantCode(t, err, c.code)
			if o := w.order(t, two.ID); len(o.Payments) != 1 || o.Payments[0].Status != model.PaymentPending || !w.platform.pays(o.Payments[0].OutTradeNo) {
				t.Errorf("got %+v", o.Payments)
			}
		})
	}
}

// A service provider's orders: the app is the sub merchants' only when it is one of each.
func TestTogetherForSubMerchants(t *testing.T) {
	w := newWorld(t)
	w.Apps = append(w.Apps, pay.App{ID: "wx-sp", Kind: model.MiniProgram}, pay.App{ID: "wx-sub", Kind: model.MiniProgram})
	w.Merchants = append(w.Merchants, pay.Merchant{ID: "1900000201", Partner: true, AppID: "wx-sp", Apps: []string{appOne}, SubMerchants: []pay.SubMerchant{
		{ID: "1", Apps: []string{"wx-sub", appTwo}}, {ID: "2", Apps: []string{"wx-sub"}}, {ID: "3"},
	}})
	w.Service = pay.New(w.Options)
	of := func(sub string) string {
		return w.create(t, func(r *pay.CreateRequest) { r.MerchantID, r.SubMerchantID = "1900000201", sub }).ID
	}
	w.Payers = people{alice: {appOne: "o-a1", appTwo: "o-a2", "wx-sub": "o-sub", "wx-sp": "o-sp"}}
	for name, c := range map[string]struct {
		subs       []string
		app        string
		appID, sub string
		code       string
	}{
		"an app of both":             {subs: []string{"1", "2"}, app: "wx-sub", appID: "wx-sp", sub: "wx-sub"},
		"the provider's":             {subs: []string{"1", "3"}, app: "wx-sp", appID: "wx-sp"},
		"the provider's other":       {subs: []string{"1", "2"}, app: appOne, appID: appOne},
		"an app of one of them":      {subs: []string{"1", "2"}, app: appTwo, code: "invalid_input"},
		"an app of none of them":     {subs: []string{"3", "2"}, app: appTwo, code: "invalid_input"},
		"an app, the other has none": {subs: []string{"1", "3"}, app: "wx-sub", code: "invalid_input"},
	} {
		t.Run(name, func(t *testing.T) {
			whole := w.combine(t, of(c.subs[0]), of(c.subs[1]))
			p, err := w.PrepayCombined(context.Background(), by(whole.ID, alice, c.app))
			if c.code != "" {
				wantCode(t, err, c.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			asked := w.platform.wholes[p.Payment.OutTradeNo].asked
			if asked.AppID != c.appID || asked.SubAppID != c.sub || asked.Parts[1].SubMerchantID != c.subs[1] {
				t.Errorf("asked for %+v", asked)
			}
			if _, err := w.CloseCombined(context.Background(), whole.ID, backend); err != nil || !w.platform.wholes[p.Payment.OutTradeNo].closed {
				t.Errorf("not closed at WeChat Pay: %v", err)
			}
		})
	}
}

func TestWhoMayPayTogether(t *testing.T) {
	w := newWorld(t)
	free, alices := w.create(t, nil), w.create(t, func(r *pay.CreateRequest) { r.UserID = alice })
	other := w.create(t, func(r *pay.CreateRequest) { r.MerchantID = "1900000002" })
	paid := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	w.platform.pays(paid.Payment.OutTradeNo)
	if err := w.notify(paid.Payment.OutTradeNo); err != nil {
		t.Fatal(err)
	}
	soon := w.create(t, func(r *pay.CreateRequest) { r.ExpiresIn = time.Minute })
	for name, c := range map[string]struct {
		caller pay.Caller
		with   string
		code   string
	}{
		"her orders":            {pay.Caller{UserID: alice}, alices.ID, ""},
		"a backend":             {backend, alices.ID, ""},
		"another user's":        {pay.Caller{UserID: bob}, alices.ID, "not_your_order"},
		"nobody":                {pay.Caller{}, alices.ID, "not_your_order"},
		"of another merchant":   {backend, other.ID, "invalid_input"},
		"paid":                  {backend, paid.Order.ID, "order_paid"},
		"one that is not there": {backend, strings.Repeat("0", 26), "order_not_found"},
	} {
		_, err := w.Combine(context.Background(), []string{free.ID, c.with}, c.caller, pay.IdempotencyKey{})
		if c.code == "" && err != nil || c.code != "" && model.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %q", name, err, c.code)
		}
	}
	c := w.combine(t, free.ID, soon.ID)
	h5 := pay.PrepayRequest{OrderID: c.ID, Method: model.MethodCode, Caller: backend}
	_, err := w.PrepayCombined(context.Background(), h5)
	wantCode(t, err, "method_not_available")
	w.pass(time.Minute)
	_, err = w.PrepayCombined(context.Background(), by(c.ID, alice, appOne))
	wantCode(t, err, "order_expired")
	_, err = w.Combine(context.Background(), []string{free.ID, soon.ID}, backend, pay.IdempotencyKey{})
	wantCode(t, err, "order_expired")
	if n := w.platform.count("prepay_combined"); n != 0 {
		t.Errorf("WeChat Pay was asked %d times", n)
	}
}
