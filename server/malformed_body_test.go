package server_test

import (
	"fmt"
	"strings"
	"testing"
)

// posts are the routes that take a JSON body, with one that would be accepted.
var posts = []struct{ path, who, body, field string }{
	{"/v1/login/mini-program", "", `{"app_id":"wx0000000000000001","code":"alice-s3cr3t"}`, "code"},
	{"/v1/login/mobile-app", "", `{"app_id":"wx-mobile","code":"alice-s3cr3t"}`, "code"},
	{"/v1/me/phone", "alice", `{"app_id":"wx0000000000000001","code":"s3cr3t"}`, "code"},
	{"/v1/me/decrypt", "alice", `{"app_id":"wx0000000000000001","encrypted_data":"s3cr3t","iv":"s3cr3t"}`, "iv"},
	{"/v1/me/session-key/check", "alice", `{"app_id":"wx0000000000000001"}`, "app_id"},
	{"/v1/me/session-key/reset", "alice", `{"app_id":"wx0000000000000001"}`, "app_id"},
	{"/v1/orders", "orders", `{"merchant_id":"1900000001","amount":990,"description":"s3cr3t"}`, "description"},
	{"/v1/orders/{order}/prepay", "alice", `{"method":"mini_program","app_id":"wx0000000000000001"}`, "app_id"},
	{"/v1/orders/{order}/profit-sharings/unfreeze", "orders", `{"description":"s3cr3t"}`, "description"},
	{"/v1/merchants/1900000001/profit-sharing/receivers", "orders", `{"app_id":"wx0000000000000001","type":"MERCHANT_ID","account":"s3cr3t","relation_type":"STORE"}`, "account"},
	{"/v1/merchants/1900000100/sub-merchants/1900000999/settlement", "merchants", `{"account_type":"ACCOUNT_TYPE_BUSINESS","account_bank":"x","account_number":"s3cr3t"}`, "account_number"},
	{"/v1/apps/wx0000000000000001/access-token/refresh", "tokens", `{"stale":"s3cr3t"}`, "stale"},
}

func TestUnreadableBodyIsRefusedByEveryRoute(t *testing.T) {
	var rows []malformed
	for _, p := range posts {
		add := func(name, body string, status int, code string, headers ...string) {
			rows = append(rows, malformed{p.path + ": " + name, "POST", p.path, p.who, body, headers, status, code})
		}
		inside := strings.TrimSuffix(p.body, "}")
		add("empty", "", 400, "malformed_request")
		add("only spaces", "   ", 400, "malformed_request")
		add("not JSON", "s3cr3t", 400, "malformed_request")
		add("form", "app_id=1&code=s3cr3t", 400, "malformed_request")
		add("truncated", inside, 400, "malformed_request")
		add("twice", p.body+p.body, 400, "malformed_request")
		add("rest after the end", p.body+"s3cr3t", 400, "malformed_request")
		add("comma at the end", inside+",}", 400, "malformed_request")
		add("single quotes", strings.ReplaceAll(p.body, `"`, "'"), 400, "malformed_request")
		add("byte order mark", "\ufeff"+p.body, 400, "malformed_request")
		add("NUL at the end", p.body+"\x00", 400, "malformed_request")
		add("control character in a text", fmt.Sprintf(`{%q:"s3cr3t`+"\x01"+`"}`, p.field), 400, "malformed_request")
		add("not UTF-8", fmt.Sprintf(`{%q:"s3cr3t`+"\xff"+`"}`, p.field), 400, "malformed_request")
		add("number that no float holds", inside+`,"n":1e400}`, 400, "malformed_request")
		add("nested too deeply", strings.Repeat(`{"a":`, 40)+"1"+strings.Repeat("}", 40), 400, "malformed_request")
		add("nested 100,000 deep", strings.Repeat("[", 100_000), 400, "malformed_request")
		add("field twice", inside+fmt.Sprintf(`,%q:"s3cr3t"}`, p.field), 400, "malformed_request")
		add("field twice, escaped", inside+fmt.Sprintf(`,"\u%04x%s":"s3cr3t"}`, p.field[0], p.field[1:]), 400, "malformed_request")
		add("null", "null", 422, "invalid_input")
		add("array", "["+p.body+"]", 422, "invalid_input")
		add("text", `"s3cr3t"`, 422, "invalid_input")
		add("number", "12", 422, "invalid_input")
		add("empty object", "{}", 422, "invalid_input")
		add("unknown field", inside+`,"nothing":"s3cr3t"}`, 422, "invalid_input")
		add("field in another case", strings.Replace(p.body, p.field, strings.ToUpper(p.field), 1), 422, "invalid_input")
		add("both cases", inside+fmt.Sprintf(`,%q:"s3cr3t"}`, strings.ToUpper(p.field)), 422, "invalid_input")
		add("number instead of text", fmt.Sprintf(`{%q:1}`, p.field), 422, "invalid_input")
		add("null instead of text", strings.NewReplacer(`"s3cr3t"`, "null", `"alice-s3cr3t"`, "null", `"mini_program"`, "null", `"wx0000000000000001"`, "null").Replace(p.body), 422, "invalid_input")
		add("object instead of text", fmt.Sprintf(`{%q:{"a":"s3cr3t"}}`, p.field), 422, "invalid_input")
		add("too long a text", fmt.Sprintf(`{%q:"%s"}`, p.field, strings.Repeat("s3cr3t", 200)), 422, "invalid_input")
		add("as large as the limit", inside+strings.Repeat(" ", 256<<10-len(p.body))+"}", 413, "body_too_large")
		add("said to be text", p.body, 415, "unsupported_media_type", "Content-Type: text/s3cr3t")
		add("said to be a form", p.body, 415, "unsupported_media_type", "Content-Type: application/x-www-form-urlencoded")
		add("odd media type", p.body, 415, "unsupported_media_type", "Content-Type: application/json;+s3cr3t")
		add("said to be gzip", p.body, 415, "unsupported_media_type", "Content-Encoding: gzip")
		add("gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00", 415, "unsupported_media_type", "Content-Encoding: gzip")
		add("said to be br", p.body, 415, "unsupported_media_type", "Content-Encoding: br")
	}
	refuses(t, rows)
}

func TestOrderThatMakesNoSenseIsRefused(t *testing.T) {
	with := func(name, extra string) malformed {
		return malformed{name, "POST", "/v1/orders", "orders",
			`{"merchant_id":"1900000001","description":"tea",` + extra + `}`, nil, 422, "invalid_input"}
	}
	as := func(who, name, body string, status int, code string) malformed {
		return malformed{who + ": " + name, "POST", "/v1/orders", who, body, nil, status, code}
	}
	long := func(n int) string { return strings.Repeat("界", n) }
	var entries []string
	for i := range 21 {
		entries = append(entries, fmt.Sprintf(`"k%d":"v"`, i))
	}
	rows := []malformed{
		with("amount absent", `"attach":""`),
		with("amount a text", `"amount":"100"`),
		with("amount a fraction", `"amount":1.5`),
		with("amount with an exponent", `"amount":1e3`),
		with("amount with a zero fraction", `"amount":100.0`),
		with("amount beyond 64 bits", `"amount":9223372036854775808`),
		with("amount of twenty nines", `"amount":99999999999999999999`),
		with("amount that wraps around", `"amount":18446744073709551617`),
		with("amount one over the limit", `"amount":1000000001`),
		with("amount zero", `"amount":0`),
		with("amount minus zero", `"amount":-0`),
		with("amount negative", `"amount":-1`),
		with("amount true", `"amount":true`),
		with("amount null", `"amount":null`),
		with("amount a list", `"amount":[1]`),
		with("currency of elsewhere", `"amount":1,"currency":"USD"`),
		with("currency in lower case", `"amount":1,"currency":"cny"`),
		with("attach too long", `"amount":1,"attach":"`+long(129)+`"`),
		with("attach with a line break", `"amount":1,"attach":"s3cr3t\n"`),
		with("expires too soon", `"amount":1,"expires_in":59`),
		with("expires too late", `"amount":1,"expires_in":604801`),
		with("expires in a fraction", `"amount":1,"expires_in":60.5`),
		with("expires after an exponent", `"amount":1,"expires_in":1e2`),
		with("unknown user", `"amount":1,"user_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV"`),
		with("user that is no id", `"amount":1,"user_id":"../s3cr3t"`),
		with("metadata a list", `"amount":1,"metadata":["s3cr3t"]`),
		with("metadata of a number", `"amount":1,"metadata":{"a":1}`),
		with("metadata nested", `"amount":1,"metadata":{"a":{"b":"s3cr3t"}}`),
		with("metadata with too many entries", `"amount":1,"metadata":{`+strings.Join(entries, ",")+`}`),
		with("metadata with an empty key", `"amount":1,"metadata":{"":"s3cr3t"}`),
		with("metadata with a long key", `"amount":1,"metadata":{"`+long(41)+`":"v"}`),
		with("metadata with a long value", `"amount":1,"metadata":{"k":"`+long(501)+`"}`),
		with("sub-merchant of a direct merchant", `"amount":1,"sub_merchant_id":"1900000109"`),
		with("collect code by a backend", `"amount":10,"collect_code":"counter-1"`),
		as("orders", "no merchant", `{"amount":1,"description":"tea"}`, 422, "invalid_input"),
		as("orders", "unknown merchant", `{"merchant_id":"1","amount":1,"description":"tea"}`, 422, "invalid_input"),
		as("orders", "no description", `{"merchant_id":"1900000001","amount":1}`, 422, "invalid_input"),
		as("orders", "description too long", `{"merchant_id":"1900000001","amount":1,"description":"`+long(128)+`"}`, 422, "invalid_input"),
		as("orders", "description with NUL", `{"merchant_id":"1900000001","amount":1,"description":"s3cr3t\u0000"}`, 422, "invalid_input"),
		as("orders", "description with escape", `{"merchant_id":"1900000001","amount":1,"description":"s3cr3t\u001b[2J"}`, 422, "invalid_input"),
		as("orders", "description with delete", `{"merchant_id":"1900000001","amount":1,"description":"s3cr3t\u007f"}`, 422, "invalid_input"),
		as("alice", "order of her own making", orderBody, 403, "api_key_required"),
		as("alice", "collect code and a price of her own", `{"collect_code":"counter-1","amount":10,"merchant_id":"1900000001"}`, 422, "invalid_input"),
		as("alice", "collect code for somebody else", `{"collect_code":"counter-1","amount":10,"user_id":"s3cr3t"}`, 422, "invalid_input"),
		as("alice", "collect code below its minimum", `{"collect_code":"counter-1","amount":9}`, 422, "invalid_input"),
		as("alice", "collect code above its maximum", `{"collect_code":"counter-1","amount":1001}`, 422, "invalid_input"),
		as("alice", "unknown collect code", `{"collect_code":"s3cr3t","amount":10}`, 422, "invalid_input"),
	}
	refuses(t, rows)
}

func TestLoginAndPrepayThatMakeNoSenseAreRefused(t *testing.T) {
	in := func(name, app, code string) malformed {
		body := fmt.Sprintf(`{"app_id":%q,"code":%q}`, app, code)
		return malformed{name, "POST", "/v1/login/mini-program", "", body, nil, 422, "invalid_input"}
	}
	pay := func(who, name, body, code string) malformed {
		return malformed{name, "POST", "/v1/orders/{order}/prepay", who, body, nil, 422, code}
	}
	refuses(t, []malformed{
		in("unknown app", "wx-s3cr3t", "alice-1"),
		in("app that is no mini-program", "wx-oa", "alice-1"),
		in("no app", "", "alice-1"),
		in("app id too long", strings.Repeat("w", 65), "alice-1"),
		in("no code", miniApp, ""),
		in("code with a space", miniApp, "alice s3cr3t"),
		in("code that would change a URL", miniApp, "alice-1&secret=s3cr3t"),
		in("code with a line break", miniApp, "alice-1\n"),
		in("code in another script", miniApp, "界"),
		in("code too long", miniApp, strings.Repeat("a", 129)),
		{"code that WeChat does not know", "POST", "/v1/login/mini-program", "", fmt.Sprintf(`{"app_id":%q,"code":"nobody"}`, miniApp), nil, 422, "login_code_invalid"},
		pay("alice", "unknown method", `{"method":"s3cr3t"}`, "invalid_input"),
		pay("alice", "method in another case", `{"method":"Mini_Program"}`, "invalid_input"),
		{"code of the payer's own", "POST", "/v1/orders/{order}/prepay", "alice", `{"method":"code","auth_code":"134567890123456789"}`, nil, 403, "api_key_required"},
		pay("orders", "no code", `{"method":"code"}`, "invalid_input"),
		pay("orders", "code of another wallet", `{"method":"code","auth_code":"284567890123456789"}`, "invalid_input"),
		pay("orders", "code that is not digits", `{"method":"code","auth_code":"13456789012s3cr3t9"}`, "invalid_input"),
		pay("orders", "code with more after it", `{"method":"code","auth_code":"134567890123456789\n"}`, "invalid_input"),
		pay("orders", "shop that is no number of one", `{"method":"code","auth_code":"134567890123456789","store_id":"s3cr3t/"}`, "invalid_input"),
		pay("orders", "device that is none", `{"method":"code","auth_code":"134567890123456789","device_id":"s3cr3t "}`, "invalid_input"),
		pay("orders", "device with no address", `{"method":"code","auth_code":"134567890123456789","client_ip":"s3cr3t"}`, "invalid_input"),
		pay("alice", "unknown app", `{"method":"mini_program","app_id":"s3cr3t"}`, "invalid_input"),
		pay("alice", "app that is no mini-program", `{"method":"mini_program","app_id":"wx-oa"}`, "invalid_input"),
		pay("alice", "address too long", `{"method":"mini_program","client_ip":"`+strings.Repeat("1", 46)+`"}`, "invalid_input"),
		pay("alice", "auth code too long", `{"method":"mini_program","auth_code":"`+strings.Repeat("1", 33)+`"}`, "invalid_input"),
		pay("orders", "nobody to pay", `{"method":"mini_program","app_id":"wx0000000000000001"}`, "payer_required"),
	})
}
