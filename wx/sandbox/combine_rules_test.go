package sandbox_test

import (
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

func TestCombinePrepayRules(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for name, c := range map[string]struct {
		channel string
		edit    func(map[string]any)
		status  int
		code    string
	}{
		"one sub order":        {"jsapi", s.subOrders(1), 400, "PARAM_ERROR"},
		"eleven sub orders":    {"jsapi", s.subOrders(11), 400, "PARAM_ERROR"},
		"ten sub orders":       {"jsapi", s.subOrders(10), 200, ""},
		"no sub orders":        {"jsapi", without("sub_orders"), 400, "PARAM_ERROR"},
		"no payer":             {"jsapi", without("combine_payer_info"), 400, "PARAM_ERROR"},
		"native needs none":    {"native", without("combine_payer_info"), 200, ""},
		"payer of another app": {"jsapi", set("combine_payer_info", map[string]any{"openid": s.payer.OpenIDs[sandbox.DefaultOfficialAccount]}), 400, "PARAM_ERROR"},
		"sub_openid, direct":   {"jsapi", set("combine_payer_info", map[string]any{"sub_openid": "x"}), 400, "INVALID_REQUEST"},
		"ordinary names":       {"jsapi", set("appid", sandbox.DefaultMiniProgram), 400, "INVALID_REQUEST"},
		"no notify_url":        {"jsapi", without("notify_url"), 400, "PARAM_ERROR"},
		"no attach":            {"jsapi", secondSub(without("attach")), 400, "PARAM_ERROR"},
		"no currency":          {"jsapi", secondSub(set("amount", map[string]any{"total_amount": 1})), 400, "PARAM_ERROR"},
		"total":                {"jsapi", secondSub(set("amount", map[string]any{"total": 1, "currency": "CNY"})), 400, "INVALID_REQUEST"},
		"nothing to pay":       {"jsapi", secondSub(set("amount", map[string]any{"total_amount": 0, "currency": "CNY"})), 400, "PARAM_ERROR"},
		"too dear":             {"jsapi", secondSub(set("amount", map[string]any{"total_amount": 1_000_000_001, "currency": "CNY"})), 400, "PARAM_ERROR"},
		"sub_mchid, direct":    {"jsapi", secondSub(set("sub_mchid", sandbox.DefaultSubMerchant)), 400, "INVALID_REQUEST"},
		"unknown merchant":     {"jsapi", secondSub(set("mchid", "1900009999")), 400, "MCH_NOT_EXISTS"},
		"unbound merchant":     {"jsapi", secondSub(set("mchid", sandbox.DefaultSecondMerchant)), 400, "APPID_MCHID_NOT_MATCH"},
		"a service provider":   {"app", secondSub(set("mchid", sandbox.DefaultPartner)), 403, "NO_AUTH"},
		"another's signature":  {"jsapi", set("combine_mchid", sandbox.DefaultSecondMerchant), 400, "PARAM_ERROR"},
		"unbound app":          {"native", set("combine_appid", sandbox.DefaultSecondMini), 400, "APPID_MCHID_NOT_MATCH"},
		"app of a wrong kind":  {"jsapi", set("combine_appid", sandbox.DefaultMobileApp), 400, "PARAM_ERROR"},
		"the same number":      {"jsapi", secondSub(set("out_trade_no", "the same number-a")), 400, "PARAM_ERROR"},
		"bad number":           {"jsapi", set("combine_out_trade_no", "a combined one"), 400, "PARAM_ERROR"},
		"number with an at":    {"jsapi", set("combine_out_trade_no", "combined@1"), 200, ""},
		"bad time_start":       {"jsapi", set("time_start", "yesterday"), 400, "PARAM_ERROR"},
		"h5 without scene":     {"h5", without("scene_info"), 400, "PARAM_ERROR"},
	} {
		number := "c-" + strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), ",", "")
		if name == "the same number" {
			c.edit = secondSub(set("out_trade_no", number+"-a"))
		}
		if got := s.combine(c.channel, number, c.edit); got.status != c.status || got.code() != c.code {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestCombinePartnerRules(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	subOpenID := set("combine_payer_info", map[string]any{"sub_openid": s.payer.OpenIDs[sandbox.DefaultSubMini]})
	for name, c := range map[string]struct {
		edits  []func(map[string]any)
		status int
		code   string
	}{
		"plain":             {nil, 200, ""},
		"fifty":             {[]func(map[string]any){s.subOrders(50)}, 200, ""},
		"fifty-one":         {[]func(map[string]any){s.subOrders(51)}, 400, "PARAM_ERROR"},
		"two subs":          {[]func(map[string]any){secondSub(set("sub_mchid", sandbox.DefaultPlainSubMerchant))}, 200, ""},
		"no sub":            {[]func(map[string]any){secondSub(without("sub_mchid"))}, 400, "PARAM_ERROR"},
		"stranger":          {[]func(map[string]any){secondSub(set("sub_mchid", "1900009999"))}, 403, "NO_AUTH"},
		"unbound sub_appid": {[]func(map[string]any){secondSub(set("sub_appid", sandbox.DefaultMiniProgram))}, 400, "APPID_MCHID_NOT_MATCH"},
		"sub_openid alone":  {[]func(map[string]any){subOpenID}, 400, "PARAM_ERROR"},
		"sub_openid": {[]func(map[string]any){subOpenID, secondSub(set("sub_appid", sandbox.DefaultSubMini)), func(body map[string]any) {
			body["sub_orders"].([]any)[0].(map[string]any)["sub_appid"] = sandbox.DefaultSubMini
		}}, 200, ""},
	} {
		if got := s.combine("jsapi", "p-"+strings.ReplaceAll(name, " ", "-"), c.edits...); got.status != c.status || got.code() != c.code {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}
