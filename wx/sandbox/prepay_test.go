package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestPrepayAnswersASignedPrepayID(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	answer := s.v3(http.MethodPost, jsapi, s.prepayBody(s.number()))
	if answer.status != http.StatusOK || len(answer.field("prepay_id")) != 36 || !strings.HasPrefix(answer.field("prepay_id"), "wx") {
		t.Fatalf("%d %s", answer.status, answer.body)
	}
	if !s.verified(answer.header, answer.body) {
		t.Error("the answer is not signed")
	}
	if id := answer.header.Get("Request-ID"); !strings.HasSuffix(id, "-0") {
		t.Errorf("Request-ID %q", id)
	}
}

func TestPrepayAcceptsEveryDocumentedField(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.prepay(s.number(),
		set("time_expire", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)), set("attach", strings.Repeat("附", 128)),
		set("description", strings.Repeat("述", 127)), set("goods_tag", "WXG"), set("support_fapiao", true),
		set("amount", map[string]any{"total": 1, "currency": "CNY"}), set("limit_pay", []string{"no_credit"}),
		set("detail", map[string]any{"cost_price": 608800, "invoice_id": "1", "goods_detail": []any{map[string]any{
			"merchant_goods_id": "1246464644", "wechatpay_goods_id": "1001", "goods_name": "茶", "quantity": 1, "unit_price": 528800}}}),
		set("scene_info", map[string]any{"payer_client_ip": "14.23.150.211", "device_id": "013467007045764",
			"store_info": map[string]any{"id": "0001", "name": "店", "area_code": "440305", "address": "路"}}),
		set("settle_info", map[string]any{"profit_sharing": false}))
}

func TestPrepayRefusesBadBodies(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	other, err := s.platform.CreateUser("payer-2")
	if err != nil {
		t.Fatal(err)
	}
	amount := func(v any) func(map[string]any) { return set("amount", map[string]any{"total": v}) }
	notify := func(v string) func(map[string]any) { return set("notify_url", v) }
	expire := func(v any) func(map[string]any) { return set("time_expire", v) }
	openid := func(v any) func(map[string]any) { return set("payer", map[string]any{"openid": v}) }
	for name, test := range map[string]struct {
		edit    func(map[string]any)
		code    string
		message string // part of it
	}{
		"unknown field":               {set("h5_info", map[string]any{}), "INVALID_REQUEST", "参数中含有非法的额外参数"},
		"field in another case":       {set("Attach", "x"), "INVALID_REQUEST", "参数中含有非法的额外参数"},
		"unknown nested field":        {set("amount", map[string]any{"total": 1, "totals": 1}), "INVALID_REQUEST", "参数中含有非法的额外参数"},
		"unknown payer field":         {set("payer", map[string]any{"openid": s.payer.OpenIDs[sandbox.DefaultMiniProgram], "sp_openid": "x"}), "INVALID_REQUEST", "额外参数"},
		"null":                        {set("attach", nil), "INVALID_REQUEST", "null"},
		"null inside":                 {set("amount", map[string]any{"total": 1, "currency": nil}), "INVALID_REQUEST", "null"},
		"no appid":                    {unset("appid"), "PARAM_ERROR", "必填"},
		"no mchid":                    {unset("mchid"), "PARAM_ERROR", "必填"},
		"no description":              {unset("description"), "PARAM_ERROR", "必填"},
		"no out_trade_no":             {unset("out_trade_no"), "PARAM_ERROR", "必填"},
		"no notify_url":               {unset("notify_url"), "PARAM_ERROR", "必填"},
		"no amount":                   {unset("amount"), "PARAM_ERROR", "必填"},
		"no total":                    {set("amount", map[string]any{"currency": "CNY"}), "PARAM_ERROR", "必填"},
		"empty description":           {set("description", ""), "PARAM_ERROR", "小于最小值"},
		"description of 128":          {set("description", strings.Repeat("述", 128)), "PARAM_ERROR", "大于最大值"},
		"attach of 129":               {set("attach", strings.Repeat("a", 129)), "PARAM_ERROR", "大于最大值"},
		"goods_tag of 33":             {set("goods_tag", strings.Repeat("a", 33)), "PARAM_ERROR", "大于最大值"},
		"total 0":                     {amount(0), "PARAM_ERROR", "最小值"},
		"total negative":              {amount(-1), "PARAM_ERROR", "最小值"},
		"total a string":              {amount("1"), "PARAM_ERROR", "整数"},
		"total a fraction":            {amount(json.Number("1.5")), "PARAM_ERROR", "整数"},
		"currency USD":                {set("amount", map[string]any{"total": 1, "currency": "USD"}), "PARAM_ERROR", "枚举"},
		"amount a number":             {set("amount", 1), "PARAM_ERROR", "对象"},
		"support_fapiao a string":     {set("support_fapiao", "true"), "PARAM_ERROR", "布尔"},
		"description a number":        {set("description", 1), "PARAM_ERROR", "字符串"},
		"out_trade_no of 5":           {set("out_trade_no", "12345"), "PARAM_ERROR", "小于最小值"},
		"out_trade_no of 33":          {set("out_trade_no", strings.Repeat("1", 33)), "PARAM_ERROR", "大于最大值"},
		"out_trade_no with a dot":     {set("out_trade_no", "order.1"), "PARAM_ERROR", "商户订单号"},
		"out_trade_no in Chinese":     {set("out_trade_no", "订单订单订单"), "PARAM_ERROR", "商户订单号"},
		"notify_url with a query":     {notify("https://shop.example.com/n?a=1"), "PARAM_ERROR", "notify_url"},
		"notify_url ends in ?":        {notify("https://shop.example.com/n?"), "PARAM_ERROR", "notify_url"},
		"notify_url with a fragment":  {notify("https://shop.example.com/n#a"), "PARAM_ERROR", "notify_url"},
		"notify_url http and public":  {notify("http://shop.example.com/n"), "PARAM_ERROR", "notify_url"},
		"notify_url no url":           {notify("shop"), "PARAM_ERROR", "notify_url"},
		"notify_url ftp":              {notify("ftp://127.0.0.1/n"), "PARAM_ERROR", "notify_url"},
		"notify_url of 256":           {notify("https://shop.example.com/" + strings.Repeat("n", 231)), "PARAM_ERROR", "大于最大值"},
		"time_expire without zone":    {expire("2030-01-01T00:00:00"), "PARAM_ERROR", "time_expire"},
		"time_expire in V2's format":  {expire("20300101000000"), "PARAM_ERROR", "time_expire"},
		"time_expire with fraction":   {expire("2030-01-01T00:00:00.5+08:00"), "PARAM_ERROR", "time_expire"},
		"time_expire a number":        {expire(1), "PARAM_ERROR", "字符串"},
		"limit_pay unknown":           {set("limit_pay", []string{"no_money"}), "PARAM_ERROR", "枚举"},
		"limit_pay a string":          {set("limit_pay", "no_credit"), "PARAM_ERROR", "数组"},
		"scene_info without ip":       {set("scene_info", map[string]any{"device_id": "1"}), "PARAM_ERROR", "必填"},
		"goods without id":            {set("detail", map[string]any{"goods_detail": []any{map[string]any{"quantity": 1, "unit_price": 1}}}), "PARAM_ERROR", "必填"},
		"goods quantity 0":            {set("detail", map[string]any{"goods_detail": []any{map[string]any{"merchant_goods_id": "1", "quantity": 0, "unit_price": 1}}}), "PARAM_ERROR", "最小值"},
		"detail over 6 KB":            {set("detail", map[string]any{"goods_detail": manyGoods()}), "PARAM_ERROR", "detail"},
		"no payer":                    {unset("payer"), "PARAM_ERROR", "JSAPI支付必须传openid"},
		"empty openid":                {openid(""), "PARAM_ERROR", "JSAPI支付必须传openid"},
		"unknown openid":              {openid("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"), "PARAM_ERROR", "无效的openid"},
		"openid of another app":       {openid(other.OpenIDs[sandbox.DefaultSecondMini]), "PARAM_ERROR", "appid和openid不匹配"},
		"app of another merchant":     {set("appid", sandbox.DefaultSecondMini), "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配"},
		"unknown app":                 {set("appid", "wx0000000000000000"), "APPID_MCHID_NOT_MATCH", ""},
		"body of another merchant":    {set("mchid", sandbox.DefaultSecondMerchant), "PARAM_ERROR", "http header中的mchid与post payload中的mchid不匹配"},
		"body of an unknown merchant": {set("mchid", "1900009999"), "MCH_NOT_EXISTS", "商户号不存在"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := s.v3(http.MethodPost, jsapi, s.prepayBody(s.number(), test.edit))
			if answer.status != http.StatusBadRequest || answer.code() != test.code || !strings.Contains(answer.field("message"), test.message) {
				t.Errorf("%d %s", answer.status, answer.body)
			}
			if !s.verified(answer.header, answer.body) {
				t.Error("the refusal is not signed")
			}
		})
	}
	if n := len(s.platform.Orders()); n != 0 {
		t.Errorf("%d orders came of refused prepays", n)
	}
}

func manyGoods() []any {
	var goods []any
	for range 60 {
		goods = append(goods, map[string]any{"merchant_goods_id": "1", "goods_name": strings.Repeat("n", 100), "quantity": 1, "unit_price": 1})
	}
	return goods
}

func TestPrepayRefusesWhatIsNoJSONObject(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, body := range []string{"", "null", "[]", "{", `{"appid":1}{}`, `"x"`, "appid=1"} {
		answer := s.v3(http.MethodPost, jsapi, body)
		if answer.status != http.StatusBadRequest || answer.code() != "INVALID_REQUEST" && answer.code() != "PARAM_ERROR" {
			t.Errorf("%q: %d %s", body, answer.status, answer.body)
		}
	}
}

func TestExtraParameterCarriesItsInternalCode(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	answer := s.v3(http.MethodPost, jsapi, s.prepayBody(s.number(), set("h5_info", 1)))
	if id := answer.header.Get("Request-ID"); !strings.HasSuffix(id, "-270924358") {
		t.Errorf("Request-ID %q", id)
	}
}
