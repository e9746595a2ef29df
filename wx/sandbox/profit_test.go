package sandbox_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestProfitIsSharedThenUnfrozen(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		transaction := s.paidToShare()
		if got := s.unsplit(transaction); got != "9940" { // the fee is taken first
			t.Errorf("%s of 10000 can be shared", got)
		}
		first := s.sharing(transaction, "S1")
		if first.status != 200 || first.field("state") != "PROCESSING" || first.field("transaction_id") != transaction || len(first.field("order_id")) != 28 {
			t.Fatalf("%d %s", first.status, first.body)
		}
		if again := s.sharing(transaction, "S1"); string(again.body) != string(first.body) {
			t.Errorf("again: %s", again.body)
		}
		if got := s.unsplit(transaction); got != "7440" {
			t.Errorf("%s left while it is being shared", got)
		}
		s.advance(5 * time.Second)
		if ended := s.asks("/orders/S1?transaction_id=" + transaction); ended.field("state") != "FINISHED" || ended.field("order_id") != first.field("order_id") {
			t.Errorf("%s", ended.body)
		}
		want := map[string]string{sandbox.DefaultSecondMerchant: "SUCCESS", s.person(): "SUCCESS"}
		if got := s.results("S1"); !maps.Equal(got, want) {
			t.Errorf("%v", got)
		}
		if got := s.unfreeze(transaction, "U1"); got.status != 200 || got.field("state") != "PROCESSING" {
			t.Fatalf("%d %s", got.status, got.body)
		}
		if got := s.unsplit(transaction); got != "0" {
			t.Errorf("%s can be shared once all is being unfrozen", got)
		}
		s.advance(5 * time.Second)
		if got := s.results("U1"); !maps.Equal(got, map[string]string{s.owner(): "SUCCESS"}) {
			t.Errorf("%v", got)
		}
		if got := s.sharing(transaction, "S2"); got.status != 403 || got.code() != "NOT_ENOUGH" || got.field("message") != "分账金额不足" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := s.unfreeze(transaction, "U2"); got.status != 403 || got.field("message") != "分账金额为0" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if l := s.platform.Ledger(); len(l.Sharings) != 2 || l.Sharings[1].Parts[0].Amount != 7440 {
			t.Errorf("%+v", l.Sharings)
		}
	})
}

// What did not arrive can be shared anew, or goes to the merchant when the request says so.
func TestAPartThatFailsStaysFrozen(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		if got := s.control("POST", "/profit-sharings/fail", `{"account":"`+s.person()+`","receive":"RECEIVER_HIGH_RISK"}`); got.status >= 300 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		transaction := s.paidToShare()
		s.sharing(transaction, "S1")
		s.advance(5 * time.Second)
		want := map[string]string{sandbox.DefaultSecondMerchant: "SUCCESS", s.person(): "CLOSEDRECEIVER_HIGH_RISK"}
		if got := s.results("S1"); !maps.Equal(got, want) || s.unsplit(transaction) != "7940" {
			t.Errorf("%v, %s left", got, s.unsplit(transaction))
		}
		if err := s.platform.FailProfit(s.person(), "", ""); err != nil {
			t.Fatal(err)
		}
		s.sharing(transaction, "S2", parts(part("PERSONAL_OPENID", s.person(), 500)), set("unfreeze_unsplit", true))
		s.advance(5 * time.Second)
		if got := s.results("S2"); !maps.Equal(got, map[string]string{s.person(): "SUCCESS", s.owner(): "SUCCESS"}) || s.unsplit(transaction) != "0" {
			t.Errorf("%v", got)
		}
	})
}

func TestAReceiverThatIsDeletedInBetweenGetsNothing(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		transaction := s.paidToShare()
		s.sharing(transaction, "S1")
		body := map[string]any{"appid": s.ownApp(), "type": "PERSONAL_OPENID", "account": s.person()}
		for range 2 { // deleting twice is fine
			if got := s.profit("/receivers/delete", body); got.status != 200 || got.field("account") != s.person() {
				t.Fatalf("%d %s", got.status, got.body)
			}
		}
		s.advance(5 * time.Second)
		if got := s.results("S1")[s.person()]; got != "CLOSEDNO_RELATION" {
			t.Errorf("%s", got)
		}
	})
}

// With the other reading of the sources a stranger's part is accepted and comes to nothing.
func TestAStrangersPartMayBeClosedInstead(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.UnknownReceiver = nil
	profitStages(t, sandbox.Options{Behaviour: &b}, func(s *stage) {
		transaction := s.paidToShare()
		if got := s.sharing(transaction, "S1"); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		s.advance(5 * time.Second)
		want := map[string]string{sandbox.DefaultSecondMerchant: "CLOSEDNO_RELATION", s.person(): "CLOSEDNO_RELATION"}
		if got := s.results("S1"); !maps.Equal(got, want) {
			t.Errorf("%v", got)
		}
	})
}

func TestFrozenMoneyIsTheMerchantsAfterThirtyDays(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		transaction := s.paidToShare()
		s.advance(30*24*time.Hour - 2*time.Minute)
		if got := s.sharing(transaction, "S1"); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		s.advance(time.Minute)
		if got := s.unsplit(transaction); got != "0" {
			t.Errorf("%s can be shared", got)
		}
		if got := s.sharing(transaction, "S2"); got.code() != "NOT_ENOUGH" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := s.unfreeze(transaction, "U1"); got.code() != "NOT_ENOUGH" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := s.sharing(transaction, "S1"); got.field("state") != "FINISHED" {
			t.Errorf("the old one: %d %s", got.status, got.body)
		}
	})
}

func TestARefundComesOutOfWhatIsFrozen(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		transaction := s.paidToShare()
		number := s.platform.Orders()[0].OutTradeNo
		refund := map[string]any{"refund": 9000, "total": 10000, "currency": "CNY"}
		if got := s.refund(number, "refund-1", 9000, set("amount", refund)); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		if got := s.unsplit(transaction); got != "994" {
			t.Errorf("%s left", got)
		}
		if got := s.sharing(transaction, "S1"); got.code() != "NOT_ENOUGH" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if err := s.platform.SetRefundOutcome("refund-1", sandbox.RefundClosed); err != nil {
			t.Fatal(err)
		}
		s.advance(5 * time.Second)
		if got := s.unsplit(transaction); got != "9940" {
			t.Errorf("%s left once the refund came back", got)
		}
	})
}

func TestProfitComesBack(t *testing.T) {
	slow := sandbox.DefaultBehaviour()
	slow.ReturnTakes = 5 * time.Second
	for name, c := range map[string]struct {
		behaviour    *sandbox.Behaviour
		fails        string
		first, ended string
	}{
		"at once":      {nil, "", "SUCCESS", "SUCCESS"},
		"later":        {&slow, "", "PROCESSING", "SUCCESS"},
		"not":          {nil, "BALANCE_NOT_ENOUGH", "FAILED", "FAILED"},
		"not, in time": {&slow, "TIME_OUT_CLOSED", "PROCESSING", "FAILED"},
	} {
		profitStages(t, sandbox.Options{Behaviour: c.behaviour}, func(s *stage) {
			s.known()
			transaction := s.paidToShare()
			s.sharing(transaction, "S1")
			s.advance(5 * time.Second)
			if err := s.platform.FailProfit(sandbox.DefaultSecondMerchant, "", c.fails); err != nil {
				t.Fatal(err)
			}
			made := s.giveBack("S1", "B1", 1500)
			if made.status != 200 || made.field("result") != c.first || made.field("out_order_no") != "S1" || made.field("amount") != "1500" {
				t.Fatalf("%s: %d %s", name, made.status, made.body)
			}
			s.advance(5 * time.Second)
			byID := s.giveBack("S1", "B1", 1500, unset("out_order_no"), set("order_id", made.field("order_id")))
			ended := s.asks("/return-orders/B1?out_order_no=S1")
			if ended.field("result") != c.ended || ended.field("fail_reason") != c.fails || string(byID.body) != string(ended.body) {
				t.Errorf("%s: %s, %s", name, ended.body, byID.body)
			}
			more := s.giveBack("S1", "B2", 1000)
			if refused := more.code() == "INVALID_REQUEST"; refused != (c.ended == "SUCCESS") {
				t.Errorf("%s: %d %s", name, more.status, more.body)
			}
			if got := s.unsplit(transaction); got != "7440" { // what came back is not frozen again
				t.Errorf("%s: %s left", name, got)
			}
		})
	}
}

func TestAMerchantHearsWhatItReceivesAndGivesBack(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		r := newReceiver(t, 204)
		body := fmt.Sprintf(`{"mchid":%q,"url":%q}`, sandbox.DefaultSecondMerchant, r.url)
		if got := s.control("POST", "/merchants/profit-url", body); got.status >= 300 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		s.known()
		if err := s.platform.FailProfit(s.person(), "ACCOUNT_ABNORMAL", ""); err != nil {
			t.Fatal(err)
		}
		s.sharing(s.paidToShare(), "S1")
		s.advance(5 * time.Second)
		r.wait(t, 1)
		s.giveBack("S1", "B1", 300)
		got := r.wait(t, 2)
		receiver := *s
		receiver.merchant = s.platform.Credentials().Merchants[1]
		for i, want := range []struct{ event, amount string }{{"TRANSACTION.SUCCESS", "2000"}, {"PROFITSHARING.RETURN", "300"}} {
			n, err := receiver.open(got[i])
			if err != nil || !receiver.verified(got[i].header, got[i].body) || n.EventType != want.event || n.Resource.OriginalType != "profitsharing" {
				t.Errorf("%+v %v", n, err)
			}
			plain := response{body: []byte(n.text)}
			whose := "mchid"
			if s.partner() {
				whose = "sub_mchid"
			}
			if plain.field(whose) != s.owner() || plain.field("success_time") == "" {
				t.Errorf("%s", n.text)
			}
		}
	})
}

func TestSharingRatioIsToldToServiceProviders(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	got := s.v3(http.MethodGet, profitPath+"/merchant-configs/"+sandbox.DefaultSubMerchant, "")
	if got.status != 200 || got.field("max_ratio") != "3000" || got.field("sub_mchid") != sandbox.DefaultSubMerchant {
		t.Errorf("%d %s", got.status, got.body)
	}
	for _, other := range []string{sandbox.DefaultMerchant, sandbox.DefaultPartner, "1"} {
		if got := s.v3(http.MethodGet, profitPath+"/merchant-configs/"+other, ""); got.status != 403 || got.code() != "NO_AUTH" {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}
