package sandbox_test

import (
	"net/http"
	"testing"

	"wxhub/wx/sandbox"
)

func TestServiceProvidersOrderNamesBothMerchants(t *testing.T) {
	s, r := newPartnerStage(t, sandbox.Options{}), newReceiver(t, 204)
	number := s.number()
	id := s.placed("jsapi", true, number, set("notify_url", r.url), set("sub_appid", sandbox.DefaultSubMini), set("attach", "table 4"),
		set("payer", map[string]any{"sub_openid": s.payer.OpenIDs[sandbox.DefaultSubMini]}))
	uri := partnerRoot + "out-trade-no/" + number + s.parties()
	who := `"sp_mchid":"` + sandbox.DefaultPartner + `","sp_appid":"` + sandbox.DefaultPartnerAccount + `","sub_mchid":"` + sandbox.DefaultSubMerchant +
		`","sub_appid":"` + sandbox.DefaultSubMini + `","out_trade_no":"` + number + `"`
	wantJSON(t, s.v3(http.MethodGet, uri, "").body, `{`+who+`,"transaction_id":"","trade_type":"","trade_state":"NOTPAY","trade_state_desc":"订单未支付","bank_type":"","attach":"","success_time":"","payer":{},"amount":{"total":100,"currency":"CNY"},"promotion_detail":[]}`)
	payment := s.pay(id)
	n := s.mustOpen(r.wait(t, 1)[0])
	paid := `{` + who + `,"transaction_id":"` + payment.TransactionID + `","trade_type":"JSAPI","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"table 4","success_time":"` +
		n.plain.SuccessTime + `","payer":{"sp_openid":"` + s.payer.OpenIDs[sandbox.DefaultPartnerAccount] + `","sub_openid":"` + s.payer.OpenIDs[sandbox.DefaultSubMini] +
		`"},"amount":{"total":100,"payer_total":100,"currency":"CNY","payer_currency":"CNY"}`
	wantJSON(t, n.text, paid+`}`)
	wantJSON(t, s.v3(http.MethodGet, partnerRoot+"id/"+payment.TransactionID+s.parties(), "").body, paid+`,"promotion_detail":[]}`)
}

func TestServiceProvidersQueriesAndClosesNameBothMerchants(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	number := s.number()
	s.placed("native", true, number)
	byNumber := func(query string) response { return s.v3(http.MethodGet, partnerRoot+"out-trade-no/"+number+query, "") }
	closing := func(body string) response {
		return s.v3(http.MethodPost, partnerRoot+"out-trade-no/"+number+"/close", body)
	}
	sp, sub, plain := sandbox.DefaultPartner, sandbox.DefaultSubMerchant, sandbox.DefaultPlainSubMerchant
	for name, test := range map[string]struct {
		answer response
		status int
		code   string
	}{
		"query without sub":         {byNumber("?sp_mchid=" + sp), 400, "PARAM_ERROR"},
		"query without sp":          {byNumber("?sub_mchid=" + sub), 400, "PARAM_ERROR"},
		"query by direct names":     {byNumber("?mchid=" + sp), 400, "PARAM_ERROR"},
		"query for the other sub":   {byNumber("?sp_mchid=" + sp + "&sub_mchid=" + plain), 400, "PARAM_ERROR"},
		"query for a stranger":      {byNumber("?sp_mchid=" + sp + "&sub_mchid=1900009999"), 403, "NO_AUTH"},
		"query of another provider": {byNumber("?sp_mchid=" + sandbox.DefaultMerchant + "&sub_mchid=" + sub), 400, "PARAM_ERROR"},
		"direct query":              {s.v3(http.MethodGet, directRoot+"out-trade-no/"+number+"?mchid="+sp, ""), 403, "NO_AUTH"},
		"unknown number":            {s.v3(http.MethodGet, partnerRoot+"out-trade-no/unknown"+s.parties(), ""), 404, "ORDER_NOT_EXIST"},
		"unknown transaction":       {s.v3(http.MethodGet, partnerRoot+"id/42000"+s.parties(), ""), 404, "ORDER_NOT_EXIST"},
		"close without sub":         {closing(`{"sp_mchid":"` + sp + `"}`), 400, "PARAM_ERROR"},
		"close by direct names":     {closing(`{"mchid":"` + sp + `"}`), 400, "INVALID_REQUEST"},
		"close for the other sub":   {closing(`{"sp_mchid":"` + sp + `","sub_mchid":"` + plain + `"}`), 400, "PARAM_ERROR"},
		"direct prepay":             {s.v3(http.MethodPost, directRoot+"native", s.channelBody("native", false, s.number())), 403, "NO_AUTH"},
	} {
		if test.answer.status != test.status || test.answer.code() != test.code {
			t.Errorf("%s: %d %s", name, test.answer.status, test.answer.body)
		}
	}
	for range 2 {
		if answer := closing(`{"sp_mchid":"` + sp + `","sub_mchid":"` + sub + `"}`); answer.status != 204 {
			t.Errorf("%d %s", answer.status, answer.body)
		}
	}
	if state := byNumber(s.parties()).field("trade_state"); state != "CLOSED" {
		t.Error(state)
	}
}

func TestNumbersAreUniqueAcrossSubMerchants(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	number := s.number()
	s.placed("native", true, number)
	again := s.v3(http.MethodPost, partnerRoot+"native", s.channelBody("native", true, number, set("sub_mchid", sandbox.DefaultPlainSubMerchant)))
	if again.status != 400 || again.code() != "INVALID_REQUEST" {
		t.Errorf("%d %s", again.status, again.body)
	}
}

func TestDirectMerchantHasNoSubMerchants(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	answer := s.v3(http.MethodPost, partnerRoot+"native", s.channelBody("native", true, s.number(), set("sp_appid", sandbox.DefaultMiniProgram)))
	if answer.status != 403 || answer.field("message") != "受理关系不存在" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestFalseNotificationsOfAServiceProvider(t *testing.T) {
	for kind, sees := range map[string]func(n notified) bool{
		"wrong_mchid": func(n notified) bool {
			return n.plain.SubMchID != sandbox.DefaultSubMerchant && n.plain.SpMchID == sandbox.DefaultPartner
		},
		"wrong_appid": func(n notified) bool { return n.plain.SpAppID != sandbox.DefaultPartnerAccount },
	} {
		s, r := newPartnerStage(t, sandbox.Options{}), newReceiver(t, 204)
		s.fault(sandbox.Fault{Match: "notify", Kind: kind})
		s.pay(s.placed("jsapi", true, s.number(), set("notify_url", r.url)))
		if n := s.mustOpen(r.wait(t, 1)[0]); !sees(n) {
			t.Errorf("%s: %s", kind, n.text)
		}
	}
}

func TestPaidUnionIDWorksForEitherAppOfAServiceProvider(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	for _, app := range []string{sandbox.DefaultPartnerAccount, sandbox.DefaultSubMini} {
		if err := s.platform.BindApp(app, "shop"); err != nil {
			t.Fatal(err)
		}
	}
	payment := s.pay(s.placed("jsapi", true, s.number(), set("sub_appid", sandbox.DefaultSubMini)))
	for app, want := range map[string]string{sandbox.DefaultPartnerAccount: "0", sandbox.DefaultSubMini: "0", sandbox.DefaultMiniProgram: "89300"} {
		token := s.plain(app).field("access_token")
		got := s.get("/wxa/getpaidunionid?access_token=" + token + "&openid=" + s.payer.OpenIDs[app] + "&transaction_id=" + payment.TransactionID)
		if got.field("errcode") != want {
			t.Errorf("%s: %s", app, got.body)
		}
	}
}
