package server_test

import (
	"strings"
	"testing"
)

const foreignID = "01ARZ3NDEKTSV4RRFFQ69G5FAV" // has the shape of an id and names nothing

func TestPathThatNamesNothingIsNotFound(t *testing.T) {
	ids := map[string]string{
		"dots": "..", "encoded dots": "%2e%2e", "NUL": "%00", "encoded slash": "..%2f..%2fetc%2fpasswd",
		"5,000 characters": strings.Repeat("A", 5000), "one character too few": foreignID[1:], "one too many": foreignID + "0",
		"another script": "%E7%95%8C", "not UTF-8": "%ff%fe", "quote": "'%20OR%20'1'='1", "number": "1",
		"id of nothing": foreignID, "larger than any id": "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "template": "{id}",
		"id in lower case": "{ORDER}", "space": "%20", "secret": "s3cr3t",
	}
	var rows []malformed
	for name, id := range ids {
		get := func(path, who, code string) {
			rows = append(rows, malformed{name: path + ": " + name, path: strings.ReplaceAll(path, "*", id), who: who, status: 404, code: code})
		}
		post := func(path, body, code string) {
			rows = append(rows, malformed{path + ": " + name, "POST", strings.ReplaceAll(path, "*", id), "orders", body, nil, 404, code})
		}
		get("/v1/users/*", "users", "user_not_found")
		get("/v1/orders/*", "orders", "order_not_found")
		get("/v1/orders/*?refresh=true", "alice", "order_not_found")
		post("/v1/orders/*/prepay", `{"method":"mini_program"}`, "order_not_found")
		post("/v1/orders/*/close", "", "order_not_found")
		post("/v1/notify/wechat-pay/*", "{}", "FAIL")
	}
	refuses(t, rows)
}

func TestUnknownPathIsNotFound(t *testing.T) {
	var rows []malformed
	for _, path := range []string{
		"/", "/v1", "/v1/", "/v2/orders", "/v1/s3cr3t", "/v1/s3cr3t?token=s3cr3t", "/v1/login", "/v1/orders/" + foreignID + "/s3cr3t",
		"/v1/orders/" + foreignID + "/prepay/s3cr3t", "/v1/user", "/healthz/s3cr3t", "/docs/s3cr3t", "/docs/../s3cr3t", "/openapi.s3cr3t",
		"/schemas/OrderView.json", "/.env", "/debug/pprof/", "//v1/orders", "/v1//orders", "/%76%31/orders",
	} {
		rows = append(rows, malformed{name: path, path: path, who: "orders", status: 404, code: "no_such_route"})
	}
	refuses(t, rows)
}

func TestUnreadableTargetIsMalformed(t *testing.T) {
	var rows []malformed
	for _, path := range []string{"/v1/orders?s3cr3t;limit=1", "/v1/orders?limit=1;cursor=s3cr3t", "/docs/?a;b"} {
		rows = append(rows, malformed{name: path, path: path, who: "orders", status: 400, code: "malformed_request"})
	}
	refuses(t, rows)
}

func TestUnacceptableQueryIsRefused(t *testing.T) {
	var rows []malformed
	for _, query := range []string{
		"unknown=s3cr3t", "Limit=5", "limit[]=5", "limit=0", "limit=-1", "limit=101", "limit=s3cr3t", "limit=1e1", "limit=1.0",
		"limit=0x10", "limit=99999999999999999999", "limit=%00", "status=s3cr3t", "status=PAID", "status=paid,closed",
		"created_after=yesterday", "created_after=2026-01-01", "created_after=1767225600", "created_before=2026-13-01T00:00:00Z",
		"created_before=2026-01-01T00:00:00+99:00", "cursor=s3cr3t", "cursor=" + foreignID + "0", "cursor=%00",
		"cursor=" + strings.Repeat("A", 65), "user_id=" + strings.Repeat("A", 65), "merchant_id=" + strings.Repeat("1", 33),
	} {
		rows = append(rows, malformed{name: query, path: "/v1/orders?" + query, who: "orders", status: 422, code: "invalid_input"})
	}
	for _, path := range []string{
		"/v1/orders/{order}?refresh=maybe", "/v1/orders/{order}?refresh=2", "/v1/orders/{order}?Refresh=true",
		"/v1/orders/{order}?refresh=true&other=s3cr3t",
	} {
		rows = append(rows, malformed{name: path, path: path, who: "orders", status: 422, code: "invalid_input"})
	}
	rows = append(rows,
		malformed{name: "user", path: "/v1/users/" + foreignID + "?x=s3cr3t", who: "users", status: 422, code: "invalid_input"},
		malformed{name: "me", path: "/v1/me?x=s3cr3t", who: "alice", status: 422, code: "invalid_input"},
		malformed{name: "phone", path: "/v1/me/phone?code=s3cr3t", who: "alice", body: loginBody("phone"), status: 422, code: "invalid_input"},
		malformed{name: "mobile app", path: "/v1/login/mobile-app?code=s3cr3t", body: loginBody("alice"), status: 422, code: "invalid_input"},
		malformed{name: "create", path: "/v1/orders?amount=1", who: "orders", body: orderBody, status: 422, code: "invalid_input"},
		malformed{name: "login", path: "/v1/login/mini-program?code=s3cr3t", body: loginBody("alice"), status: 422, code: "invalid_input"},
		malformed{name: "orders of somebody else", path: "/v1/orders?user_id=" + foreignID, who: "alice", status: 403, code: "not_your_orders"},
	)
	refuses(t, rows)
}

func TestOddHeaderIsRefused(t *testing.T) {
	var rows []malformed
	for value, code := range map[string]string{
		"": "unauthenticated", "Bearer": "unauthenticated", "Bearer ": "unauthenticated", "Basic czNjcjN0OnMzY3IzdA==": "unauthenticated",
		"s3cr3t": "unauthenticated", ordersKey: "unauthenticated", "Bearer:" + ordersKey: "unauthenticated", "Token " + ordersKey: "unauthenticated",
		"Bearer s3cr3t": "session_invalid", "Bearer  " + ordersKey: "session_invalid", "Bearer\t" + ordersKey: "unauthenticated",
		"Bearer " + ordersKey + " s3cr3t": "session_invalid", "Bearer " + ordersKey + ",s3cr3t": "session_invalid",
		"Bearer wxs_s3cr3t": "session_invalid", "Bearer wxs_": "session_invalid", "Bearer " + strings.ToUpper(ordersKey): "session_invalid",
		"Bearer s3cr3t\u754c": "session_invalid", "Bearer s3cr3t\xff": "session_invalid",
		"Bearer " + strings.Repeat("s3cr3t", 1700): "session_invalid", "Bearer wxs_" + strings.Repeat("A", 10_000): "session_invalid",
	} {
		name := value[:min(len(value), 40)]
		rows = append(rows, malformed{"Authorization: " + name, "GET", "/v1/orders", "", "", []string{"Authorization: " + value}, 401, code})
	}
	for _, key := range []string{"s3cr3t \u754c", "s3cr3t\xff", "two words s3cr3t", "tab\ts3cr3t", strings.Repeat("s3cr3t", 43)} {
		rows = append(rows, malformed{"Idempotency-Key: " + key, "POST", "/v1/orders", "orders", orderBody, []string{"Idempotency-Key: " + key}, 422, "invalid_input"})
	}
	for _, id := range []string{"s3cr3t with a space", "s3cr3t\u754c", strings.Repeat("s3cr3t", 30), "<s3cr3t>", "s3cr3t\""} {
		rows = append(rows, malformed{"X-Request-Id: " + id, "GET", "/v1/nothing", "", "", []string{"X-Request-Id: " + id}, 404, "no_such_route"})
	}
	refuses(t, rows)
}

func TestWrongMethodIsRefused(t *testing.T) {
	every := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
	right := map[string]string{
		"/healthz": "GET HEAD", "/readyz": "GET HEAD", "/metrics": "GET HEAD", "/docs/": "GET HEAD", "/openapi.json": "GET",
		"/v1/login/mini-program": "POST", "/v1/logout": "POST", "/v1/me": "GET", "/v1/users/" + foreignID: "GET",
		"/v1/login/mobile-app": "POST", "/v1/me/phone": "POST", "/v1/me/decrypt": "POST", "/v1/users": "GET",
		"/v1/me/session-key/check": "POST", "/v1/me/session-key/reset": "POST", "/v1/wechat/wx-oa/callback": "GET POST",
		"/v1/login/official-account": "GET", "/v1/login/official-account/callback": "GET", "/v1/login/website": "GET", "/v1/login/website/callback": "GET",
		"/v1/orders": "GET POST", "/v1/orders/" + foreignID: "GET", "/v1/orders/" + foreignID + "/prepay": "POST",
		"/v1/orders/" + foreignID + "/close": "POST", "/v1/notify/wechat-pay/" + merchantID: "POST",
	}
	var rows []malformed
	for path, methods := range right {
		for _, m := range every {
			if !strings.Contains(methods, m) {
				rows = append(rows, malformed{m + " " + path, m, path, "orders", "", nil, 405, "method_not_allowed"})
			}
		}
		for _, m := range []string{"BREW", "get", "PROPFIND", "S3CR3T"} {
			rows = append(rows, malformed{m + " " + path, m, path, "orders", "", nil, 400, "malformed_request"})
		}
	}
	refuses(t, rows)
}

func TestNotificationThatIsNotWeChatPaysIsRefused(t *testing.T) {
	const path = "/v1/notify/wechat-pay/" + merchantID
	good := "Wechatpay-Signature: " + goodSignature
	refuses(t, []malformed{
		{"no headers", "POST", path, "", `{"s3cr3t":1}`, nil, 401, "FAIL"},
		{"no body", "POST", path, "", "", nil, 401, "FAIL"},
		{"wrong signature", "POST", path, "", "{}", []string{"Wechatpay-Signature: s3cr3t"}, 401, "FAIL"},
		{"signed by a session", "POST", path, "alice", "{}", nil, 401, "FAIL"},
		{"signed by a key", "POST", path, "orders", "{}", nil, 401, "FAIL"},
		{"unknown merchant", "POST", "/v1/notify/wechat-pay/s3cr3t", "", "{}", []string{good}, 404, "FAIL"},
		{"merchant of 5,000 characters", "POST", "/v1/notify/wechat-pay/" + strings.Repeat("1", 5000), "", "{}", []string{good}, 404, "FAIL"},
		{"compressed", "POST", path, "", "{}", []string{good, "Content-Encoding: gzip"}, 415, "unsupported_media_type"},
	})
}
