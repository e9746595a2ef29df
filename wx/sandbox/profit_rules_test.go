package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// refusal is what a rule answers; the zero one is 200.
type refusal struct {
	status int
	code   string
}

func (s *stage) wants(name string, got response, want refusal) {
	s.t.Helper()
	if want.status == 0 {
		want.status = 200
	}
	if got.status != want.status || got.code() != want.code {
		s.t.Errorf("%s: %d %s", name, got.status, got.body)
	}
}

var (
	fineRule    = refusal{}
	badParam    = refusal{400, "PARAM_ERROR"}
	badRequest  = refusal{400, "INVALID_REQUEST"}
	badApp      = refusal{400, "APPID_MCHID_NOT_MATCH"}
	noAuthority = refusal{403, "NO_AUTH"}
	notEnough   = refusal{403, "NOT_ENOUGH"}
	overRatio   = refusal{403, "RULE_LIMIT"}
	notThere    = refusal{404, "RESOURCE_NOT_EXISTS"}
)

func TestReceiverRules(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		direct := !s.partner()
		only := func(inDirect, inPartner refusal) refusal {
			if direct {
				return inDirect
			}
			return inPartner
		}
		sub := s.payer.OpenIDs[sandbox.DefaultSubMini]
		for name, c := range map[string]struct {
			kind, account string
			edits         []func(map[string]any)
			want          refusal
		}{
			"a merchant":                {"MERCHANT_ID", sandbox.DefaultSecondMerchant, nil, fineRule},
			"a sub merchant":            {"MERCHANT_ID", sandbox.DefaultPlainSubMerchant, nil, fineRule},
			"a person":                  {"PERSONAL_OPENID", s.person(), nil, fineRule},
			"a person without a name":   {"PERSONAL_OPENID", s.person(), edits(unset("name")), fineRule},
			"a merchant without a name": {"MERCHANT_ID", sandbox.DefaultSecondMerchant, edits(unset("name")), badParam},
			"a name in plain":           {"PERSONAL_OPENID", s.person(), edits(set("name", "张三")), badParam},
			"an unknown merchant":       {"MERCHANT_ID", "1999999999", nil, badParam},
			"an openid of another app":  {"PERSONAL_OPENID", s.payer.OpenIDs[sandbox.DefaultSecondMini], nil, badParam},
			"nobody":                    {"PERSONAL_OPENID", "o-nobody", nil, badParam},
			"an unknown type":           {"PERSONAL_WECHATID", s.person(), nil, badParam},
			"an unknown relation":       {"PERSONAL_OPENID", s.person(), edits(set("relation_type", "FRIEND")), badParam},
			"no relation":               {"PERSONAL_OPENID", s.person(), edits(unset("relation_type")), badParam},
			"custom":                    {"PERSONAL_OPENID", s.person(), edits(set("relation_type", "CUSTOM"), set("custom_relation", strings.Repeat("友", 10))), fineRule},
			"custom without words":      {"PERSONAL_OPENID", s.person(), edits(set("relation_type", "CUSTOM")), badParam},
			"custom, too long":          {"PERSONAL_OPENID", s.person(), edits(set("relation_type", "CUSTOM"), set("custom_relation", strings.Repeat("友", 11))), badParam},
			"another's app":             {"PERSONAL_OPENID", s.person(), edits(set("appid", sandbox.DefaultSecondMini)), badApp},
			"an extra field":            {"PERSONAL_OPENID", s.person(), edits(set("mchid", s.merchant.ID)), badRequest},
			"sub_openid without an app": {"PERSONAL_SUB_OPENID", sub, nil, badParam},
			"sub_openid":                {"PERSONAL_SUB_OPENID", sub, edits(set("sub_appid", sandbox.DefaultSubMini)), only(badApp, fineRule)},
			"no sub_mchid":              {"PERSONAL_OPENID", s.person(), edits(unset("sub_mchid")), only(fineRule, badParam)},
			"a sub_mchid":               {"PERSONAL_OPENID", s.person(), edits(set("sub_mchid", sandbox.DefaultSubMerchant)), only(noAuthority, fineRule)},
			"a strange sub_mchid":       {"PERSONAL_OPENID", s.person(), edits(set("sub_mchid", "1999999999")), noAuthority},
		} {
			s.wants(name, s.profit("/receivers/add", s.receiverBody(c.kind, c.account), c.edits...), c.want)
		}
	})
}

func edits(all ...func(map[string]any)) []func(map[string]any) { return all }

func TestSharingRules(t *testing.T) {
	many := func(n, fen int) func(map[string]any) {
		all := make([]map[string]any, n)
		for i := range all {
			all[i] = part("MERCHANT_ID", sandbox.DefaultSecondMerchant, fen)
		}
		return parts(all...)
	}
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		mine := s.owner()
		merchant := func(fen int) func(map[string]any) {
			return parts(part("MERCHANT_ID", sandbox.DefaultSecondMerchant, fen))
		}
		for name, c := range map[string]struct {
			edits []func(map[string]any)
			want  refusal
		}{
			"plain":                     {nil, fineRule},
			"the whole ratio":           {edits(merchant(3000)), fineRule},
			"above the ratio":           {edits(merchant(3001)), overRatio},
			"the merchant itself":       {edits(parts(part("MERCHANT_ID", mine, 9000))), fineRule},
			"more than is frozen":       {edits(parts(part("MERCHANT_ID", mine, 9941))), notEnough},
			"fifty":                     {edits(many(50, 60)), fineRule},
			"fifty-one":                 {edits(many(51, 1)), badParam},
			"nobody":                    {edits(parts()), badParam},
			"no receivers":              {edits(unset("receivers")), badParam},
			"nothing":                   {edits(merchant(0)), badParam},
			"no unfreeze_unsplit":       {edits(unset("unfreeze_unsplit")), badParam},
			"a stranger":                {edits(parts(part("MERCHANT_ID", sandbox.DefaultPlainSubMerchant, 1))), badParam},
			"a stranger's openid":       {edits(parts(part("PERSONAL_OPENID", s.payer.OpenIDs[sandbox.DefaultSecondMini], 1))), badParam},
			"a long description":        {edits(parts(with(part("MERCHANT_ID", mine, 1), "description", strings.Repeat("分", 81)))), badParam},
			"no description":            {edits(parts(with(part("MERCHANT_ID", mine, 1), "description", ""))), badParam},
			"a name":                    {edits(parts(with(part("PERSONAL_OPENID", s.person(), 1), "name", s.sealed("张三")))), fineRule},
			"a name in plain":           {edits(parts(with(part("PERSONAL_OPENID", s.person(), 1), "name", "张三"))), badParam},
			"an extra field":            {edits(parts(with(part("MERCHANT_ID", mine, 1), "custom", "x"))), badRequest},
			"a bad number":              {edits(set("out_order_no", "a b")), badParam},
			"a long number":             {edits(set("out_order_no", strings.Repeat("9", 65))), badParam},
			"an unknown payment":        {edits(set("transaction_id", "4200000000000000000000000000")), badRequest},
			"another's app":             {edits(set("appid", sandbox.DefaultSecondMini)), badApp},
			"sub_openid without an app": {edits(parts(part("PERSONAL_SUB_OPENID", "o-x", 1))), badParam},
		} {
			transaction := s.paidToShare()
			s.wants(name, s.sharing(transaction, fmt.Sprintf("S-%d", s.numbers.Add(1)), c.edits...), c.want)
		}
	})
}

func with(part map[string]any, name string, value any) map[string]any {
	part[name] = value
	return part
}

func TestSharingOfTheWrongPaymentIsRefused(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		plain := s.paidToShare(unset("settle_info"))
		said := s.paidToShare(set("settle_info", map[string]any{"profit_sharing": false}))
		for _, transaction := range []string{plain, said} {
			s.wants("not to be shared", s.sharing(transaction, "S1"), badRequest)
			if got := s.unfreeze(transaction, "U1"); got.field("message") != "非分账订单不支持解冻剩余资金" {
				t.Errorf("%d %s", got.status, got.body)
			}
			if got := s.v3(http.MethodGet, profitPath+"/transactions/"+transaction+"/amounts", ""); got.field("message") != "非分账订单不支持此查询" {
				t.Errorf("%d %s", got.status, got.body)
			}
		}
		payment := s.pay(s.placed("jsapi", s.partner(), s.number(), set("settle_info", map[string]any{"profit_sharing": true})))
		s.advance(59 * time.Second)
		early := s.sharing(payment.TransactionID, "S2", parts(part("PERSONAL_OPENID", s.person(), 1)))
		if early.status != 400 || early.code() != "INVALID_REQUEST" || !strings.Contains(early.field("message"), "订单处理中") {
			t.Errorf("%d %s", early.status, early.body)
		}
		s.advance(time.Second)
		s.wants("the same number a minute after", s.sharing(payment.TransactionID, "S2", parts(part("PERSONAL_OPENID", s.person(), 1))), fineRule)
	})
}

func TestProfitNumbersAreIdempotent(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		transaction, other := s.paidToShare(), s.paidToShare()
		named := func() func(map[string]any) {
			return parts(with(part("PERSONAL_OPENID", s.person(), 100), "name", s.sealed("张三"))) // encrypted anew each time
		}
		first := s.sharing(transaction, "S1", named())
		if again := s.sharing(transaction, "S1", named()); first.status != 200 || string(again.body) != string(first.body) {
			t.Errorf("%s, then %s", first.body, again.body)
		}
		for name, edit := range map[string]func(map[string]any){
			"amount":      parts(part("PERSONAL_OPENID", s.person(), 101)),
			"account":     parts(part("MERCHANT_ID", sandbox.DefaultSecondMerchant, 100)),
			"description": parts(with(part("PERSONAL_OPENID", s.person(), 100), "description", "另")),
			"unfreeze":    func(body map[string]any) { named()(body); body["unfreeze_unsplit"] = true },
			"payment":     func(body map[string]any) { named()(body); body["transaction_id"] = other },
		} {
			s.wants("another "+name, s.sharing(transaction, "S1", edit), badParam)
		}
		s.wants("an unfreezing", s.unfreeze(transaction, "S1"), badParam)
		s.advance(5 * time.Second)
		back := func(fen int, edits ...func(map[string]any)) response { return s.giveBack("S2", "B1", fen, edits...) }
		s.sharing(other, "S2")
		s.advance(5 * time.Second)
		made := back(700)
		if again := back(700); made.status != 200 || string(again.body) != string(made.body) {
			t.Errorf("%s, then %s", made.body, again.body)
		}
		s.wants("another amount", back(701), badParam)
		s.wants("another reason", back(700, set("description", "另")), badParam)
		if n := len(s.platform.Sharings()) + len(s.platform.ProfitReturns()); n != 3 {
			t.Errorf("%d things happened, not 3", n)
		}
	})
}

func TestSharingRatioCountsAllOfAPayment(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		transaction := s.paidToShare()
		one := func(fen int) func(map[string]any) { return parts(part("PERSONAL_OPENID", s.person(), fen)) }
		s.wants("20 %", s.sharing(transaction, "S1", one(2000)), fineRule)
		s.wants("11 % more", s.sharing(transaction, "S2", one(1100)), overRatio)
		s.wants("10 % more", s.sharing(transaction, "S2", one(1000)), fineRule)
		if err := s.platform.FailProfit(s.person(), "ACCOUNT_ABNORMAL", ""); err != nil {
			t.Fatal(err)
		}
		s.advance(5 * time.Second)
		s.wants("what did not arrive does not count", s.sharing(transaction, "S3", one(3000)), fineRule)
	})
}

func TestAPaymentIsSharedFiftyTimes(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.known()
	transaction := s.paidToShare()
	for i := range 51 {
		want := fineRule
		if i == 50 {
			want = badRequest
		}
		s.wants(fmt.Sprint(i), s.sharing(transaction, fmt.Sprintf("S%d", i), parts(part("PERSONAL_OPENID", s.person(), 1))), want)
	}
}

func TestProfitReturnRules(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		transaction := s.paidToShare()
		s.sharing(transaction, "S1")
		s.wants("before the end", s.giveBack("S1", "B0", 1), badRequest)
		s.advance(5 * time.Second)
		for name, c := range map[string]struct {
			edit func(map[string]any)
			want refusal
		}{
			"a person":         {set("return_mchid", s.person()[:20]), badRequest},
			"a stranger":       {set("return_mchid", sandbox.DefaultPlainSubMerchant), badRequest},
			"too much":         {set("amount", 2001), badRequest},
			"nothing":          {set("amount", 0), badParam},
			"an unknown one":   {set("out_order_no", "S9"), notThere},
			"an unknown id":    {func(body map[string]any) { delete(body, "out_order_no"); body["order_id"] = "300" }, notThere},
			"both numbers":     {set("order_id", "300"), badParam},
			"neither":          {unset("out_order_no"), badParam},
			"a bad number":     {set("out_return_no", "退"), badParam},
			"no description":   {unset("description"), badParam},
			"a strange sub":    {set("sub_mchid", "1999999999"), noAuthority},
			"all that arrived": {set("amount", 2000), fineRule},
		} {
			s.wants(name, s.giveBack("S1", "B-"+strings.ReplaceAll(name, " ", "-"), 1, c.edit), c.want)
		}
		s.wants("unknown return", s.asks("/return-orders/B9?out_order_no=S1"), notThere)
		s.wants("no out_order_no", s.v3(http.MethodGet, profitPath+"/return-orders/B9", ""), badParam)
		if err := s.platform.FailProfit(sandbox.DefaultSecondMerchant, "", "NO_AUTH"); err != nil {
			t.Fatal(err)
		}
		other := s.paidToShare()
		s.sharing(other, "S2")
		s.advance(5 * time.Second)
		s.wants("a receiver that has not agreed", s.giveBack("S2", "B1", 1), noAuthority)
		if err := s.platform.FailProfit(sandbox.DefaultSecondMerchant, "", ""); err != nil {
			t.Fatal(err)
		}
		for i := range 21 {
			want := fineRule
			if i == 20 {
				want = badRequest
			}
			s.wants(fmt.Sprintf("return %d", i), s.giveBack("S2", fmt.Sprintf("M%d", i), 1), want)
		}
		s.sharing(s.paidToShare(), "S3")
		s.advance(180*24*time.Hour - time.Minute)
		s.wants("on the last day", s.giveBack("S3", "late1", 1), fineRule)
		s.advance(time.Minute)
		s.wants("after 180 days", s.giveBack("S3", "late2", 1), badRequest)
	})
}

func TestSharingQueries(t *testing.T) {
	profitStages(t, sandbox.Options{}, func(s *stage) {
		s.known()
		transaction := s.paidToShare()
		s.sharing(transaction, "S1")
		s.wants("found", s.asks("/orders/S1?transaction_id="+transaction), fineRule)
		s.wants("unknown", s.asks("/orders/S9?transaction_id="+transaction), notThere)
		s.wants("another payment's", s.asks("/orders/S1?transaction_id=42"), notThere)
		s.wants("no payment", s.v3(http.MethodGet, profitPath+"/orders/S1", ""), badParam)
		if got := s.v3(http.MethodGet, profitPath+"/transactions/42/amounts", ""); got.status != 400 || got.field("message") != "非本商户的订单不支持查询" {
			t.Errorf("%d %s", got.status, got.body)
		}
		pending := s.asks("/orders/S1?transaction_id=" + transaction)
		if !strings.Contains(string(pending.body), `"finish_time":"1970-01-01T08:00:00+08:00"`) || !strings.Contains(string(pending.body), `"result":"PENDING"`) {
			t.Errorf("%s", pending.body)
		}
		s.platform.Reset()
		if len(s.platform.Sharings()) != 0 {
			t.Error("reset forgets nothing")
		}
	})
}

func TestProfitControlRefusesNonsense(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for path, body := range map[string]string{
		"/profit-sharings/fail": `{"account":"x","receive":"BECAUSE"}`,
		"/merchants/profit-url": `{"mchid":"1","url":"http://127.0.0.1:9/n"}`,
	} {
		if got := s.control("POST", path, body); got.status < 400 || got.status > 499 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := s.control("GET", "/profit-sharings", ""); got.status != 200 || !strings.Contains(string(got.body), `"profit_returns":[]`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}
