package stack_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// together are the cells of the table for orders paid together: whose they are, the method, and
// the app that the payer pays in.
var together = []struct {
	name        string
	first, next string // sides
	method, app string
}{
	{"direct", "direct", "direct", "mini_program", sandbox.DefaultMiniProgram},
	{"direct", "direct", "direct", "official_account", sandbox.DefaultOfficialAccount},
	{"direct", "direct", "direct", "app", sandbox.DefaultMobileApp},
	{"direct", "direct", "direct", "native", ""},
	{"direct", "direct", "direct", "h5", ""},
	{"two sub merchants", "a sub merchant with apps", "a sub merchant without any app", "official_account", sandbox.DefaultPartnerAccount},
	{"two sub merchants", "a sub merchant with apps", "a sub merchant without any app", "native", ""},
	{"two sub merchants", "a sub merchant with apps", "a sub merchant without any app", "h5", ""},
	{"a sub merchant's app", "a sub merchant with apps", "a sub merchant with apps", "mini_program", sandbox.DefaultSubMini},
	{"a sub merchant's app", "a sub merchant with apps", "a sub merchant with apps", "app", sandbox.DefaultSubMobile},
}

type combined struct {
	ID       string  `json:"id"`
	Status   string  `json:"status"`
	Amount   int64   `json:"amount"`
	Orders   []order `json:"orders"`
	Payments []struct {
		CombineOutTradeNo string `json:"combine_out_trade_no"`
		Status            string `json:"status"`
	} `json:"payments"`
}

type combinedPrepaid struct {
	CombinedOrder combined        `json:"order"`
	Invoke        json.RawMessage `json:"invoke"`
}

// orderOf creates an order of 1000 fen.
func (b *bench) orderOf(s side, userID string) (o order) {
	b.t.Helper()
	body := map[string]any{"merchant_id": s.merchant, "amount": 1000, "description": "tea"}
	if s.sub != "" {
		body["sub_merchant_id"] = s.sub
	}
	if userID != "" {
		body["user_id"] = userID
	}
	b.do(http.MethodPost, "/v1/orders", b.APIKey, body).into(b.t, 201, &o)
	return o
}

func (b *bench) combine(orders ...order) (c combined) {
	b.t.Helper()
	var ids []string
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	b.do(http.MethodPost, "/v1/combined-orders", b.APIKey, map[string]any{"orders": ids}).into(b.t, 201, &c)
	return c
}

func (b *bench) prepayTogether(c combined, bearer, method, app string) (out combinedPrepaid) {
	b.t.Helper()
	ask := map[string]string{"method": method}
	if app != "" {
		ask["app_id"] = app
	}
	if method == "h5" {
		ask["client_ip"] = "203.0.113.7"
	}
	b.do(http.MethodPost, "/v1/combined-orders/"+c.ID+"/prepay", bearer, ask).into(b.t, 200, &out)
	return out
}

func (b *bench) getCombined(c combined, query string) (out combined) {
	b.t.Helper()
	b.do(http.MethodGet, "/v1/combined-orders/"+c.ID+query, b.APIKey, nil).into(b.t, 200, &out)
	return out
}

func (b *bench) payWith(given string, u sandbox.User) {
	b.t.Helper()
	if _, err := b.Sandbox.Pay(given, u.ID, sandbox.PaySuccess); err != nil {
		b.t.Fatal(err)
	}
}

// Every method for every kind of merchant: two orders are paid together by one verified
// notification, each has its own order.paid, and one of them is given back.
func TestOrdersPaidTogetherByEveryMethod(t *testing.T) {
	b := start(t)
	for _, cell := range together {
		t.Run(cell.name+", "+cell.method, func(t *testing.T) {
			b.t = t
			v, bearer, user := b.visitor(b.newUser()), b.APIKey, struct{ ID string }{}
			if cell.app != "" {
				if token := enter(t, v, cell.app, "snsapi_base").Token; token != "" { // a browser has a cookie instead: the backend asks
					bearer = token
				}
				b.do(http.MethodGet, "/v1/users?app_id="+cell.app+"&open_id="+v.User.OpenIDs[cell.app], b.APIKey, nil).into(t, 200, &user)
			}
			one, two := b.orderOf(sides[cell.first], user.ID), b.orderOf(sides[cell.next], user.ID)
			c := b.combine(one, two)
			pre := b.prepayTogether(c, bearer, cell.method, cell.app)
			if pre.CombinedOrder.Status != "pending" || pre.CombinedOrder.Amount != 2000 {
				t.Errorf("got %+v", pre.CombinedOrder)
			}
			b.payWith(b.given(cell.method, pre.Invoke), v.User)
			b.waitPaid(one.ID)
			b.waitPaid(two.ID)
			if got := b.getCombined(c, ""); got.Status != "paid" || len(got.Payments) != 1 || got.Payments[0].Status != "paid" {
				t.Errorf("got %+v", got)
			}
			for _, o := range []order{one, two} {
				b.waitEvent(o.ID, "order.paid")
			}
			b.giveBack(one.ID, 6*time.Second, 1000)
			if got := b.get(two.ID, ""); got.Status != "paid" {
				t.Errorf("the other order is %s", got.Status)
			}
		})
	}
	b.t = t
	b.sameBooks()
}

// No notification ever arrives: a sweep finds the payment, and so does who asks.
func TestAPaymentOfOrdersTogetherIsFoundWithoutNotification(t *testing.T) {
	post := newPostman(t)
	for name, find := range map[string]func(b *bench, c combined){
		"the sweep": func(*bench, combined) {},
		"a query": func(b *bench, c combined) {
			if got := b.getCombined(c, "?refresh=true"); got.Status != "paid" {
				b.t.Errorf("got %+v", got)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			every := map[string]string{"the sweep": "1s", "a query": "1h"}[name]
			b := start(t, "WXHUB_SERVER__PUBLIC_URL="+post.URL, "WXHUB_JOBS__ORDER_SWEEP_INTERVAL="+every)
			for _, s := range []string{"direct", "a sub merchant with apps"} {
				one, two, three := b.orderOf(sides[s], ""), b.orderOf(sides[s], ""), b.orderOf(sides[s], "")
				c := b.combine(one, two, three)
				b.payWith(b.given("native", b.prepayTogether(c, b.APIKey, "native", "").Invoke), b.newUser())
				post.next(t)
				find(b, c)
				for _, o := range []order{one, two, three} {
					b.waitPaid(o.ID)
				}
			}
			b.sameBooks()
		})
	}
}

// The payer changes their mind: another channel, one of the orders alone, all of them together
// again. Only the last way takes money.
func TestOnlyTheLastWayToPayTakesMoney(t *testing.T) {
	b := start(t)
	for name, s := range map[string]side{"direct": sides["direct"], "partner": sides["a sub merchant with apps"]} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			u := b.newUser()
			one, two := b.orderOf(s, ""), b.orderOf(s, "")
			c := b.combine(one, two)
			refused := func(given string) {
				t.Helper()
				if p, err := b.Sandbox.Pay(given, u.ID, sandbox.PaySuccess); err == nil {
					t.Errorf("WeChat took money for a closed payment: %+v", p)
				}
			}
			native := b.given("native", b.prepayTogether(c, b.APIKey, "native", "").Invoke)
			h5 := b.given("h5", b.prepayTogether(c, b.APIKey, "h5", "").Invoke)
			refused(native)
			var alone struct{ Invoke json.RawMessage }
			b.do(http.MethodPost, "/v1/orders/"+one.ID+"/prepay", b.APIKey, map[string]string{"method": "native"}).into(t, 200, &alone)
			refused(h5)
			if got := b.get(two.ID, ""); got.Payments[1].Status != "closed" {
				t.Errorf("the sibling's part is %+v", got.Payments)
			}
			again := b.given("h5", b.prepayTogether(c, b.APIKey, "h5", "").Invoke)
			refused(b.given("native", alone.Invoke))
			b.payWith(again, u)
			b.waitPaid(one.ID)
			b.waitPaid(two.ID)
			if got := b.getCombined(c, ""); got.Status != "paid" || len(got.Payments) != 3 {
				t.Errorf("got %+v", got)
			}
		})
	}
	b.sameBooks()
}

// One order is paid alone: the others cannot be paid together with it any more, and are closed
// or paid by themselves.
func TestOneOfTheOrdersIsPaidAlone(t *testing.T) {
	b := start(t)
	u, s := b.newUser(), sides["direct"]
	one, two := b.orderOf(s, ""), b.orderOf(s, "")
	c := b.combine(one, two)
	whole := b.given("native", b.prepayTogether(c, b.APIKey, "native", "").Invoke)
	var alone struct{ Invoke json.RawMessage }
	b.do(http.MethodPost, "/v1/orders/"+one.ID+"/prepay", b.APIKey, map[string]string{"method": "native"}).into(t, 200, &alone)
	b.payWith(b.given("native", alone.Invoke), u)
	b.waitPaid(one.ID)
	if _, err := b.Sandbox.Pay(whole, u.ID, sandbox.PaySuccess); err == nil {
		t.Error("the orders were paid together all the same")
	}
	b.do(http.MethodPost, "/v1/combined-orders/"+c.ID+"/prepay", b.APIKey, map[string]string{"method": "native"}).into(t, 409, nil)
	b.do(http.MethodPost, "/v1/combined-orders/"+c.ID+"/close", b.APIKey, nil).into(t, 409, nil)
	if got := b.getCombined(c, ""); got.Status != "closed" || got.Orders[1].Status != "pending" {
		t.Errorf("got %+v", got)
	}
	b.do(http.MethodPost, "/v1/orders/"+two.ID+"/close", b.APIKey, nil).into(t, 200, nil)
	b.sameBooks()
}

func TestOrdersAreClosedTogether(t *testing.T) {
	b := start(t)
	for name, s := range sides {
		one, two := b.orderOf(s, ""), b.orderOf(s, "")
		c := b.combine(one, two)
		given := b.given("native", b.prepayTogether(c, b.APIKey, "native", "").Invoke)
		for range 2 {
			b.do(http.MethodPost, "/v1/combined-orders/"+c.ID+"/close", b.APIKey, nil).into(t, 200, &c)
		}
		if c.Status != "closed" || c.Orders[0].Status != "closed" || c.Orders[1].Status != "closed" {
			t.Errorf("%s: got %+v", name, c)
		}
		if _, err := b.Sandbox.Pay(given, b.newUser().ID, sandbox.PaySuccess); err == nil {
			t.Errorf("%s: it can still be paid", name)
		}
	}
}

// Each fault of the notifier and of each call, then the retries: what is false of one order
// changes none, and in the end all are paid once.
func TestFaultsUnderOrdersPaidTogether(t *testing.T) {
	t.Parallel()
	b := start(t)
	u := b.newUser()
	for _, call := range []string{"notify", "/v3/combine-transactions/native", "/v3/combine-transactions/out-trade-no"} {
		for _, kind := range sandbox.FaultKinds() {
			if _, err := b.Sandbox.AddFault(sandbox.Fault{Match: call, Kind: kind.Kind}); err != nil {
				continue // has no meaning there
			}
			b.Sandbox.ClearFaults()
			t.Run(kind.Kind+" "+call, func(t *testing.T) {
				b.t = t
				one, two := b.orderOf(sides["direct"], ""), b.orderOf(sides["direct"], "")
				c := b.combine(one, two)
				b.fault(call, kind.Kind, 1)
				var pre combinedPrepaid
				b.insist(func() answer {
					return b.do(http.MethodPost, "/v1/combined-orders/"+c.ID+"/prepay", b.APIKey, map[string]string{"method": "native"})
				}).into(t, 200, &pre)
				if call != "notify" {
					b.insist(func() answer { return b.do(http.MethodGet, "/v1/combined-orders/"+c.ID+"?refresh=true", b.APIKey, nil) }).into(t, 200, nil)
					b.Sandbox.ClearFaults()
				}
				b.payWith(b.given("native", pre.Invoke), u)
				within(t, "the retries bring it", func() bool {
					if _, err := b.Sandbox.AdvanceClock(time.Second); err != nil {
						t.Fatal(err)
					}
					first, second := b.get(one.ID, "").Status == "paid", b.get(two.ID, "").Status == "paid"
					return first && second
				})
			})
		}
	}
	b.t = t
	b.sameBooks()
}
