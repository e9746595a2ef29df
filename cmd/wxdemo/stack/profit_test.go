package stack_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// sweeps often, for what waits for WeChat.
const sweepOften = "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=1s"

// profitSides are whose money is shared, and the app that the service provider or the merchant names.
var profitSides = map[string]struct {
	side
	app string
}{
	"direct":         {sides["direct"], sandbox.DefaultMiniProgram},
	"a sub merchant": {sides["a sub merchant with apps"], sandbox.DefaultPartnerAccount},
}

// behind is a clock of WeChat's two minutes behind ours: what was paid there just now was paid two minutes ago here, and so may
// be shared, while WeChat still says no.
func behind() time.Time { return time.Now().Add(-2 * time.Minute) }

type sharing struct {
	ID            string `json:"id"`
	Status        string `json:"status"`
	LastError     string `json:"last_error"`
	WeChatOrderID string `json:"wechat_order_id"`
	Receivers     []struct {
		Account    string `json:"account"`
		Result     string `json:"result"`
		FailReason string `json:"fail_reason"`
	} `json:"receivers"`
}

func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	if _, err := b.Sandbox.AdvanceClock(d); err != nil {
		b.t.Fatal(err)
	}
}

// toShare is a paid order of 10000 fen whose money is frozen.
func (b *bench) toShare(s side) (o order) {
	b.t.Helper()
	body := map[string]any{"merchant_id": s.merchant, "amount": 10000, "description": "tea", "profit_sharing": true}
	if s.sub != "" {
		body["sub_merchant_id"] = s.sub
	}
	b.do(http.MethodPost, "/v1/orders", b.APIKey, body).into(b.t, 201, &o)
	var pre struct {
		Invoke struct {
			CodeURL string `json:"code_url"`
		} `json:"invoke"`
	}
	b.do(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", b.APIKey, map[string]string{"method": "native"}).into(b.t, 200, &pre)
	if _, err := b.Sandbox.Pay(pre.Invoke.CodeURL, b.newUser().ID, sandbox.PaySuccess); err != nil {
		b.t.Fatal(err)
	}
	return b.waitPaid(o.ID)
}

// lets lets the second merchant and a person receive, and returns the person's openid.
func (b *bench) lets(s side, app string) (openID string) {
	b.t.Helper()
	openID = b.newUser().OpenIDs[app]
	for _, r := range []map[string]any{
		{"type": "MERCHANT_ID", "account": sandbox.DefaultSecondMerchant, "name": "某某商店", "relation_type": "PARTNER"},
		{"type": "PERSONAL_OPENID", "account": openID, "relation_type": "STAFF"},
	} {
		r["app_id"] = app
		if s.sub != "" {
			r["sub_merchant_id"] = s.sub
		}
		b.do(http.MethodPost, "/v1/merchants/"+s.merchant+"/profit-sharing/receivers", b.APIKey, r).into(b.t, 204, nil)
	}
	return openID
}

func (b *bench) share(orderID string, want int, body any) (x sharing) {
	b.t.Helper()
	a := b.do(http.MethodPost, "/v1/orders/"+orderID+"/profit-sharings", b.APIKey, body)
	if want >= 300 {
		a.into(b.t, want, nil)
		return x
	}
	a.into(b.t, want, &x)
	return x
}

// to is a profit sharing's request for a merchant and a person.
func to(openID string, merchantFen, personFen int64, unfreeze bool) map[string]any {
	return map[string]any{"unfreeze_unsplit": unfreeze, "receivers": []map[string]any{
		{"type": "MERCHANT_ID", "account": sandbox.DefaultSecondMerchant, "amount": merchantFen, "description": "shop"},
		{"type": "PERSONAL_OPENID", "account": openID, "amount": personFen, "description": "tip", "name": "张三"},
	}}
}

// shared waits, without asking WeChat, until the sweep has brought a profit sharing to a status.
func (b *bench) shared(id, status string) (x sharing) {
	b.t.Helper()
	within(b.t, "the profit sharing is "+status, func() bool {
		x = sharing{}
		b.do(http.MethodGet, "/v1/profit-sharings/"+id, b.APIKey, nil).into(b.t, 200, &x)
		return x.Status == status
	})
	return x
}

func (b *bench) remaining(orderID string) int64 {
	b.t.Helper()
	var left struct {
		UnsplitAmount int64 `json:"unsplit_amount"`
	}
	b.do(http.MethodGet, "/v1/orders/"+orderID+"/profit-sharings/remaining", b.APIKey, nil).into(b.t, 200, &left)
	return left.UnsplitAmount
}

// A payment is shared with a merchant and a person, too early at first; the person's part fails, the merchant gives some back,
// and the rest is unfrozen. All through the sweep: WeChat never tells the payer's side of it.
func TestProfitSharing(t *testing.T) {
	t.Parallel()
	for name, c := range profitSides {
		t.Run(name, func(t *testing.T) {
			b := startAt(t, behind, sweepOften)
			person := b.lets(c.side, c.app)
			o := b.toShare(c.side)
			x := b.share(o.ID, 201, to(person, 2000, 500, false))
			if x.Status != "created" {
				t.Fatalf("%+v, though WeChat shares a minute after the payment", x)
			}
			b.advance(time.Minute)
			b.shared(x.ID, "processing")
			if err := b.Sandbox.FailProfit(person, "RECEIVER_HIGH_RISK", ""); err != nil {
				t.Fatal(err)
			}
			b.advance(5 * time.Second)
			x = b.shared(x.ID, "finished")
			if x.Receivers[0].Result != "success" || x.Receivers[1].Result != "closed" || x.Receivers[1].FailReason != "RECEIVER_HIGH_RISK" {
				t.Errorf("%+v", x)
			}
			if got := b.remaining(o.ID); got != 7940 {
				t.Errorf("%d fen can be shared", got)
			}
			b.comesBack(x.ID)
			var free sharing
			b.do(http.MethodPost, "/v1/orders/"+o.ID+"/profit-sharings/unfreeze", b.APIKey, map[string]string{"description": "done"}).into(t, 201, &free)
			b.share(o.ID, 409, to(person, 1, 1, false))
			b.advance(5 * time.Second)
			b.shared(free.ID, "finished")
			if got := b.remaining(o.ID); got != 0 {
				t.Errorf("%d fen can be shared after all was unfrozen", got)
			}
			b.ledgerHas(o.ID, map[string]int64{sandbox.DefaultSecondMerchant: 2000, owner(c.side): 7940}, 700)
		})
	}
}

func owner(s side) string {
	if s.sub != "" {
		return s.sub
	}
	return s.merchant
}

// comesBack takes 700 of 2000 fen back, once, and never more than arrived.
func (b *bench) comesBack(sharingID string) {
	b.t.Helper()
	ask := func(fen int) answer {
		b.t.Helper()
		return b.do(http.MethodPost, "/v1/profit-sharings/"+sharingID+"/returns", b.APIKey, map[string]any{
			"merchant_id": sandbox.DefaultSecondMerchant, "amount": fen, "description": "cold",
		})
	}
	ask(2001).into(b.t, 409, nil)
	var back struct{ Status string }
	if ask(700).into(b.t, 201, &back); back.Status != "succeeded" {
		b.t.Errorf("the return is %s", back.Status)
	}
	ask(1301).into(b.t, 409, nil)
}

// ledgerHas compares what WeChat moved for an order with what is wanted: by account, and back.
func (b *bench) ledgerHas(orderID string, want map[string]int64, back int64) {
	b.t.Helper()
	ledger, got := b.Sandbox.Ledger(), map[string]int64{}
	numbers := map[string]bool{}
	for _, x := range ledger.Sharings {
		if !strings.HasPrefix(x.OutOrderNo, orderID) {
			continue
		}
		numbers[x.OutOrderNo] = true
		for _, p := range x.Parts {
			if p.Result == sandbox.PartSuccess {
				got[p.Account] += p.Amount
			}
		}
	}
	for _, r := range ledger.Returns {
		if numbers[r.OutOrderNo] && r.Result == sandbox.ReturnSuccess {
			back -= r.Amount
		}
	}
	if back != 0 {
		b.t.Errorf("%d fen more should have come back", back)
	}
	for account, fen := range want {
		if got[account] != fen {
			b.t.Errorf("%s has %d fen, not %d", account, got[account], fen)
		}
		delete(got, account)
	}
	if len(got) > 0 {
		b.t.Errorf("somebody else got money: %v", got)
	}
}

// WeChat's answer is lost after it has shared, or WeChat is busy: it is asked again under the same number, and shares once.
func TestProfitIsSharedOnceThoughTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"system_error_after", "lost_answer", "drop", "bad_signature", "truncate", "system_error", "frequency_limited"} {
		t.Run(kind, func(t *testing.T) {
			b := startAt(t, behind, sweepOften)
			s := profitSides["a sub merchant"]
			person := b.lets(s.side, s.app)
			o := b.toShare(s.side)
			b.advance(time.Minute)
			b.fault("/v3/profitsharing/orders", kind, 1)
			x := b.share(o.ID, 201, to(person, 2000, 500, true))
			within(t, "WeChat has it", func() bool { return len(b.Sandbox.Ledger().Sharings) == 1 })
			b.advance(5 * time.Second)
			if x = b.shared(x.ID, "finished"); x.Receivers[0].Result != "success" || x.Receivers[1].Result != "success" {
				t.Errorf("%+v", x)
			}
			b.ledgerHas(o.ID, map[string]int64{sandbox.DefaultSecondMerchant: 2000, person: 500, s.sub: 7440}, 0)
		})
	}
}

// What WeChat refuses for good moves nothing, says why, and may be asked for anew.
func TestProfitSharingThatWeChatRefuses(t *testing.T) {
	for name, c := range profitSides {
		t.Run(name, func(t *testing.T) {
			b := startAt(t, behind, sweepOften)
			o := b.toShare(c.side)
			b.advance(time.Minute)
			stranger := b.newUser().OpenIDs[c.app]
			b.share(o.ID, 502, to(stranger, 1, 1, false)) // not added
			person := b.lets(c.side, c.app)
			b.share(o.ID, 502, to(person, 3000, 1, false)) // above 30 %
			var list struct{ Data []sharing }
			b.do(http.MethodGet, "/v1/orders/"+o.ID+"/profit-sharings", b.APIKey, nil).into(t, 200, &list)
			for _, x := range list.Data {
				if x.Status != "failed" || x.LastError == "" || x.WeChatOrderID != "" {
					t.Errorf("%+v", x)
				}
			}
			x := b.share(o.ID, 201, to(person, 2999, 1, false))
			b.advance(5 * time.Second)
			b.shared(x.ID, "finished")
			b.ledgerHas(o.ID, map[string]int64{sandbox.DefaultSecondMerchant: 2999, person: 1}, 0)
			body := map[string]any{"app_id": c.app, "type": "PERSONAL_OPENID", "account": person}
			if c.sub != "" {
				body["sub_merchant_id"] = c.sub
			}
			b.do(http.MethodDelete, "/v1/merchants/"+c.merchant+"/profit-sharing/receivers", b.APIKey, body).into(t, 204, nil)
			b.share(o.ID, 502, to(person, 1, 1, false))
		})
	}
}

// An order that was not made to be shared is not, and its payer may have all of a shared one back.
func TestProfitSharingAndRefunds(t *testing.T) {
	b := startAt(t, behind, sweepOften)
	p := b.login(b.newUser())
	plain := b.order()
	b.pay(b.prepay(plain, p).Invoke, p)
	b.waitPaid(plain.ID)
	b.share(plain.ID, 409, to("openid", 1, 1, false))
	s := profitSides["direct"]
	person := b.lets(s.side, s.app)
	o := b.toShare(s.side)
	b.advance(time.Minute)
	x := b.share(o.ID, 201, to(person, 2000, 500, true))
	b.advance(5 * time.Second)
	b.shared(x.ID, "finished")
	var r refund
	b.do(http.MethodPost, "/v1/orders/"+o.ID+"/refunds", b.APIKey, map[string]any{"amount": 10000}).into(t, 201, &r)
	b.advance(6 * time.Second)
	within(t, "the refund succeeds", func() bool {
		b.do(http.MethodGet, "/v1/refunds/"+r.ID, b.APIKey, nil).into(t, 200, &r)
		return r.Status == "succeeded"
	})
}

type profitReturn struct {
	ID        string
	Status    string
	LastError string `json:"last_error"`
}

func (b *bench) takeBack(sharingID string, fen int) (r profitReturn) {
	b.t.Helper()
	b.do(http.MethodPost, "/v1/profit-sharings/"+sharingID+"/returns", b.APIKey, map[string]any{
		"merchant_id": sandbox.DefaultSecondMerchant, "amount": fen, "description": "cold",
	}).into(b.t, 201, &r)
	return r
}

// cameBack waits, without asking WeChat, until a return has a status.
func (b *bench) cameBack(sharingID, returnID, status string) (r profitReturn) {
	b.t.Helper()
	within(b.t, "the return is "+status, func() bool {
		var x struct{ Returns []profitReturn }
		b.do(http.MethodGet, "/v1/profit-sharings/"+sharingID, b.APIKey, nil).into(b.t, 200, &x)
		for _, one := range x.Returns {
			if r = one; r.ID == returnID {
				return r.Status == status
			}
		}
		return false
	})
	return r
}

// A return whose answer is lost takes the money back once; one that WeChat could not carry out may be asked for anew.
func TestProfitComesBackOnceThoughTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	b := startAt(t, behind, sweepOften)
	s := profitSides["direct"]
	person := b.lets(s.side, s.app)
	o := b.toShare(s.side)
	b.advance(time.Minute)
	x := b.share(o.ID, 201, to(person, 2000, 500, true))
	b.advance(5 * time.Second)
	b.shared(x.ID, "finished")
	for _, kind := range []string{"system_error_after", "lost_answer", "drop", "bad_signature", "frequency_limited"} {
		b.fault("/v3/profitsharing/return-orders", kind, 1)
		b.cameBack(x.ID, b.takeBack(x.ID, 300).ID, "succeeded")
	}
	if err := b.Sandbox.FailProfit(sandbox.DefaultSecondMerchant, "", "BALANCE_NOT_ENOUGH"); err != nil {
		t.Fatal(err)
	}
	if r := b.takeBack(x.ID, 500); r.Status != "failed" || r.LastError != "BALANCE_NOT_ENOUGH" {
		t.Errorf("%+v", r)
	}
	if err := b.Sandbox.FailProfit(sandbox.DefaultSecondMerchant, "", ""); err != nil {
		t.Fatal(err)
	}
	if r := b.takeBack(x.ID, 500); r.Status != "succeeded" {
		t.Errorf("%+v", r)
	}
	b.ledgerHas(o.ID, map[string]int64{sandbox.DefaultSecondMerchant: 2000, person: 500, s.merchant: 7440}, 2000)
	if n := len(b.Sandbox.Ledger().Returns); n != 7 {
		t.Errorf("%d returns", n)
	}
}
