package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

func TestRefundRefusesBadBodies(t *testing.T) {
	amount := func(pairs ...any) func(map[string]any) {
		body := map[string]any{"refund": 1, "total": 100, "currency": "CNY"}
		for i := 0; i < len(pairs); i += 2 {
			body[pairs[i].(string)] = pairs[i+1]
		}
		return set("amount", body)
	}
	for i := range 2 {
		s := newStageFor(t, sandbox.Options{}, 2*i)
		number, transaction := s.paidOrderOf100()
		unpaid := s.number()
		s.placed("jsapi", i == 1, unpaid)
		for name, test := range map[string]struct {
			edit   func(map[string]any)
			status int
			code   string
		}{
			"extra field":          {set("appid", "x"), 400, "INVALID_REQUEST"},
			"null":                 {set("reason", nil), 400, "INVALID_REQUEST"},
			"both numbers":         {set("transaction_id", transaction), 400, "PARAM_ERROR"},
			"no number":            {unset("out_trade_no"), 400, "PARAM_ERROR"},
			"no out_refund_no":     {unset("out_refund_no"), 400, "PARAM_ERROR"},
			"bad out_refund_no":    {set("out_refund_no", "a b"), 400, "PARAM_ERROR"},
			"out_refund_no of 65":  {set("out_refund_no", strings.Repeat("a", 65)), 400, "PARAM_ERROR"},
			"reason of 81":         {set("reason", strings.Repeat("因", 81)), 400, "PARAM_ERROR"},
			"bad notify_url":       {set("notify_url", "https://shop.example.com/n?a=1"), 400, "PARAM_ERROR"},
			"bad funds_account":    {set("funds_account", "BANK"), 400, "PARAM_ERROR"},
			"no amount":            {unset("amount"), 400, "PARAM_ERROR"},
			"no currency":          {set("amount", map[string]any{"refund": 1, "total": 100}), 400, "PARAM_ERROR"},
			"currency USD":         {amount("currency", "USD"), 400, "PARAM_ERROR"},
			"refund 0":             {amount("refund", 0), 400, "PARAM_ERROR"},
			"refund a fraction":    {amount("refund", json.Number("1.5")), 400, "PARAM_ERROR"},
			"refund over total":    {amount("refund", 101), 400, "PARAM_ERROR"},
			"from does not sum up": {amount("from", []any{map[string]any{"account": "AVAILABLE", "amount": 2}}), 400, "PARAM_ERROR"},
			"another total":        {amount("total", 101), 400, "INVALID_REQUEST"},
			"unknown order":        {set("out_trade_no", "unknown-order"), 404, "RESOURCE_NOT_EXISTS"},
			"unpaid order":         {set("out_trade_no", unpaid), 404, "RESOURCE_NOT_EXISTS"},
			"own sub merchant":     {set("sub_mchid", s.merchant.ID), 400, "PARAM_ERROR"},
			"a stranger":           {set("sub_mchid", sandbox.DefaultSecondMerchant), 403, "NO_AUTH"},
		} {
			if answer := s.refund(number, "refund-1", 1, test.edit); answer.status != test.status || answer.code() != test.code {
				t.Errorf("%s: %d %s", name, answer.status, answer.body)
			}
		}
		if n := len(s.platform.Refunds()); n != 0 {
			t.Errorf("%d refunds came of refused calls", n)
		}
		if unknown := s.refundQuery("unknown"); unknown.status != 404 || unknown.field("message") != "退款单不存在" {
			t.Errorf("%d %s", unknown.status, unknown.body)
		}
	}
}

func TestServiceProviderNamesTheSubMerchantOfARefund(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	number, _ := s.paidOrderOf100()
	for name, edit := range map[string]func(map[string]any){
		"none": unset("sub_mchid"), "the other": set("sub_mchid", sandbox.DefaultPlainSubMerchant),
	} {
		if answer := s.refund(number, "refund-1", 1, edit); answer.status != 400 || answer.code() != "PARAM_ERROR" {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	s.refund(number, "refund-1", 1)
	for uri, status := range map[string]int{"": 400, "?sub_mchid=" + sandbox.DefaultPlainSubMerchant: 404, "?sub_mchid=" + sandbox.DefaultSubMerchant: 200} {
		if answer := s.v3(http.MethodGet, refundPath+"/refund-1"+uri, ""); answer.status != status {
			t.Errorf("%q: %d %s", uri, answer.status, answer.body)
		}
	}
}
