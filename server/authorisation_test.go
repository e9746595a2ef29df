package server_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// allowed is the whole matrix: who gets which status from which operation. The order
// is alice's; "nobody" sends no credentials, "garbage" some that nothing knows.
var allowed = map[string]map[string]int{
	"POST /v1/login/mini-program":                 {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
	"POST /v1/logout":                             {"nobody": 401, "garbage": 401, "alice": 204, "bob": 204, "orders": 403, "users": 403, "tokens": 403},
	"GET /v1/me":                                  {"nobody": 401, "garbage": 401, "alice": 200, "bob": 200, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/login/mobile-app":                   {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
	"GET /v1/login/official-account?app_id=wx-oa": {"nobody": 302, "garbage": 302, "alice": 302, "bob": 302, "orders": 302, "users": 302, "tokens": 302},
	"GET /v1/login/website?app_id=wx-site":        {"nobody": 302, "garbage": 302, "alice": 302, "bob": 302, "orders": 302, "users": 302, "tokens": 302},
	// Whoever comes back from WeChat proves themselves by state and browser.
	"GET /v1/login/official-account/callback":                      {"nobody": 400, "garbage": 400, "alice": 400, "bob": 400, "orders": 400, "users": 400, "tokens": 400},
	"GET /v1/login/website/callback":                               {"nobody": 400, "garbage": 400, "alice": 400, "bob": 400, "orders": 400, "users": 400, "tokens": 400},
	"POST /v1/me/phone":                                            {"nobody": 401, "garbage": 401, "alice": 200, "bob": 200, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/me/decrypt":                                          {"nobody": 401, "garbage": 401, "alice": 200, "bob": 200, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/me/session-key/check":                                {"nobody": 401, "garbage": 401, "alice": 200, "bob": 200, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/me/session-key/reset":                                {"nobody": 401, "garbage": 401, "alice": 204, "bob": 204, "orders": 403, "users": 403, "tokens": 403},
	"GET /v1/users":                                                {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 200, "tokens": 403},
	"GET /v1/users?app_id=wx0000000000000001&open_id=openid-alice": {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 200, "tokens": 403},
	"GET /v1/users/{alice}":                                        {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 200, "tokens": 403},

	"POST /v1/orders":                                          {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 201, "users": 403, "tokens": 403},
	"POST /v1/orders collect":                                  {"nobody": 401, "garbage": 401, "alice": 201, "bob": 201, "orders": 422, "users": 403, "tokens": 403},
	"GET /v1/orders":                                           {"nobody": 401, "garbage": 401, "alice": 200, "bob": 200, "orders": 200, "users": 403, "tokens": 403},
	"GET /v1/orders?user_id=alice":                             {"nobody": 401, "garbage": 401, "alice": 200, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"GET /v1/orders/{order}":                                   {"nobody": 401, "garbage": 401, "alice": 200, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"GET /v1/orders/{order}?fresh":                             {"nobody": 401, "garbage": 401, "alice": 200, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"GET /v1/orders/{free}":                                    {"nobody": 401, "garbage": 401, "alice": 200, "bob": 200, "orders": 200, "users": 403, "tokens": 403},
	"POST /v1/orders/{order}/prepay":                           {"nobody": 401, "garbage": 401, "alice": 200, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"POST /v1/orders/{free}/prepay":                            {"nobody": 401, "garbage": 401, "alice": 200, "bob": 200, "orders": 422, "users": 403, "tokens": 403},
	"POST /v1/orders/{order}/close":                            {"nobody": 401, "garbage": 401, "alice": 200, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"POST /v1/orders/{order}/refunds":                          {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 409, "users": 403, "tokens": 403}, // it is not paid
	"POST /v1/orders/{order}/shipping":                         {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 409, "users": 403, "tokens": 403}, // it is not paid
	"POST /v1/orders/{order}/profit-sharings":                  {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 409, "users": 403, "tokens": 403},
	"GET /v1/orders/{order}/profit-sharings":                   {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"POST /v1/orders/{order}/profit-sharings/unfreeze":         {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 409, "users": 403, "tokens": 403},
	"GET /v1/orders/{order}/profit-sharings/remaining":         {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 409, "users": 403, "tokens": 403},
	"GET /v1/profit-sharings/{order}S001":                      {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 404, "users": 403, "tokens": 403},
	"POST /v1/profit-sharings/{order}S001/returns":             {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 404, "users": 403, "tokens": 403},
	"POST /v1/merchants/1900000001/profit-sharing/receivers":   {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 204, "users": 403, "tokens": 403},
	"DELETE /v1/merchants/1900000001/profit-sharing/receivers": {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 204, "users": 403, "tokens": 403},
	// Their own scopes: see TestTransfer.
	"POST /v1/transfers":           {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"GET /v1/transfers/T1":         {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/transfers/T1/cancel": {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},

	// See TestApplyments.
	"GET /v1/merchants/1900000001/applyments":                                    {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/merchants/1900000001/applyments":                                   {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"GET /v1/merchants/1900000001/applyments/code_1":                             {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/merchants/1900000001/media":                                        {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"GET /v1/merchants/1900000001/sub-merchants/1900000999/settlement":           {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/merchants/1900000001/sub-merchants/1900000999/settlement":          {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"GET /v1/merchants/1900000001/sub-merchants/1900000999/settlement/changes/1": {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"GET /v1/refunds/{order}R001":                                                {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 404, "users": 403, "tokens": 403},
	"GET /v1/orders/{order}/timeline":                                            {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"POST /v1/orders/{free}/close":                                               {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 200, "users": 403, "tokens": 403},

	// Of alice's order and one that is nobody's yet.
	"POST /v1/combined-orders":                   {"nobody": 401, "garbage": 401, "alice": 201, "bob": 403, "orders": 201, "users": 403, "tokens": 403},
	"GET /v1/combined-orders/{combined}":         {"nobody": 401, "garbage": 401, "alice": 200, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"POST /v1/combined-orders/{combined}/prepay": {"nobody": 401, "garbage": 401, "alice": 200, "bob": 403, "orders": 200, "users": 403, "tokens": 403},
	"POST /v1/combined-orders/{combined}/close":  {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 200, "users": 403, "tokens": 403},

	"GET /v1/apps/wx0000000000000001/access-token":                          {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 200},
	"POST /v1/apps/wx0000000000000001/access-token/refresh":                 {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 200},
	"GET /v1/wxapi/wx0000000000000001/cgi-bin/token":                        {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 200},
	"POST /v1/wxapi/wx0000000000000001/cgi-bin/stable_token":                {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 200},
	"GET /v1/wxapi/wx0000000000000001/cgi-bin/ticket/getticket?type=jsapi":  {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 200},
	"POST /v1/wxapi/wx0000000000000001/cgi-bin/ticket/getticket?type=jsapi": {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 200},
	"GET /v1/wxapi/wx0000000000000001/any/path":                             {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 200},
	"POST /v1/wxapi/wx0000000000000001/any/path":                            {"nobody": 401, "garbage": 401, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 200},

	// Pages know a session by its cookie alone, and every visitor may have a page signed.
	"GET /v1/apps/wx-oa/js-config?url=https://shop.example/": {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
	"GET /pay/{free}":          {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
	"GET /pay/{order}":         {"nobody": 403, "garbage": 403, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"GET /pay/{order}/state":   {"nobody": 403, "garbage": 403, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"POST /pay/{order}/prepay": {"nobody": 403, "garbage": 403, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},

	// WeChat Pay proves itself by its signature: whatever else it sends does not count.
	"POST /v1/notify/wechat-pay/1900000001": {"nobody": 401, "garbage": 401, "alice": 401, "bob": 401, "orders": 401, "users": 401, "tokens": 401},

	// So does WeChat with its messages.
	"GET /v1/wechat/wx-oa/callback":  {"nobody": 403, "garbage": 403, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},
	"POST /v1/wechat/wx-oa/callback": {"nobody": 403, "garbage": 403, "alice": 403, "bob": 403, "orders": 403, "users": 403, "tokens": 403},

	"GET /healthz":      {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
	"GET /readyz":       {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
	"GET /metrics":      {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
	"GET /openapi.json": {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
	"GET /docs/":        {"nobody": 200, "garbage": 200, "alice": 200, "bob": 200, "orders": 200, "users": 200, "tokens": 200},
}

var bodies = map[string]func() string{
	"POST /v1/orders/{order}/profit-sharings": func() string {
		return `{"receivers":[{"type":"MERCHANT_ID","account":"1900000109","amount":1,"description":"part"}]}`
	},
	"POST /v1/orders/{order}/profit-sharings/unfreeze": func() string { return `{"description":"rest"}` },
	"POST /v1/profit-sharings/{order}S001/returns":     func() string { return `{"merchant_id":"1900000109","amount":1,"description":"back"}` },
	"POST /v1/merchants/1900000001/profit-sharing/receivers": func() string {
		return `{"app_id":"wx0000000000000001","type":"MERCHANT_ID","account":"1900000109","name":"a","relation_type":"STORE"}`
	},
	"DELETE /v1/merchants/1900000001/profit-sharing/receivers": func() string {
		return `{"app_id":"wx0000000000000001","type":"MERCHANT_ID","account":"1900000109"}`
	},
	"POST /v1/combined-orders":                              func() string { return `{"orders":["{order}","{free}"]}` },
	"POST /v1/combined-orders/{combined}/prepay":            func() string { return `{"method":"mini_program","app_id":"wx0000000000000001"}` },
	"POST /v1/login/mobile-app":                             func() string { return strings.Replace(loginBody("mobile"), miniApp, "wx-mobile", 1) },
	"POST /v1/me/phone":                                     func() string { return loginBody("phone") },
	"POST /v1/me/decrypt":                                   func() string { return `{"app_id":"wx0000000000000001","encrypted_data":"x","iv":"x"}` },
	"POST /v1/me/session-key/check":                         func() string { return `{"app_id":"wx0000000000000001"}` },
	"POST /v1/me/session-key/reset":                         func() string { return `{"app_id":"wx0000000000000001"}` },
	"POST /v1/login/mini-program":                           func() string { return loginBody("carried") },
	"POST /v1/orders":                                       func() string { return orderBody },
	"POST /v1/orders collect":                               func() string { return `{"collect_code":"counter-1","amount":10}` },
	"POST /v1/apps/wx0000000000000001/access-token/refresh": func() string { return `{"stale":"bad-token"}` },
	"POST /v1/orders/{order}/shipping":                      func() string { return `{"logistics_type":"virtual"}` },
	"POST /v1/orders/{order}/refunds":                       func() string { return `{"amount":1}` },
	"POST /v1/orders/{order}/prepay":                        func() string { return `{"method":"mini_program","app_id":"wx0000000000000001"}` },
	"POST /v1/orders/{free}/prepay":                         func() string { return `{"method":"mini_program","app_id":"wx0000000000000001"}` },
}

func TestWhoMayDoWhat(t *testing.T) {
	w := newWorld(t)
	for _, operation := range slices.Sorted(maps.Keys(allowed)) {
		for who, want := range allowed[operation] {
			t.Run(operation+" by "+who, func(t *testing.T) { w.tries(t, operation, who, want) })
		}
	}
}

// tries has fresh sessions and orders, so that no cell of the matrix knows of another.
func (w *world) tries(t *testing.T, operation, who string, want int) {
	alice, bob := w.login(t, "alice"), w.login(t, "bob")
	order := w.create(t, fmt.Sprintf(`{"merchant_id":"1900000001","amount":990,"description":"tea","user_id":%q}`, alice.User.ID))
	free := w.create(t, orderBody)
	token := map[string]string{
		"nobody": "", "garbage": "wxs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "alice": alice.Token, "bob": bob.Token,
		"orders": ordersKey, "users": usersKey, "tokens": tokensKey,
	}[who]
	body := ""
	if f, ok := bodies[operation]; ok {
		body = strings.NewReplacer("{order}", order.ID, "{free}", free.ID).Replace(f())
	}
	method, path, _ := strings.Cut(operation, " ")
	if before, after, found := strings.Cut(path, "{combined}"); found {
		path = before + w.combine(t, order.ID, free.ID).ID + after
	}
	path = strings.NewReplacer("{alice}", alice.User.ID, "=alice", "="+alice.User.ID, "{order}", order.ID, "{free}", free.ID,
		"?fresh", "?refresh=true", " collect", "").Replace(path)
	a := w.call(t, method, path, token, body)
	if a.Status != want {
		t.Errorf("status %d, want %d: %.300s", a.Status, want, a.Body)
	}
	if a.Status >= 400 && strings.Contains(string(a.Body), alice.User.ID) {
		t.Errorf("the refusal tells about alice: %s", a.Body)
	}
}

// The matrix must know every documented operation.
func TestMatrixIsComplete(t *testing.T) {
	w := newWorld(t)
	known := map[string]bool{}
	for operation, row := range allowed {
		if len(row) != 7 {
			t.Errorf("%s: %d callers", operation, len(row))
		}
		operation = strings.NewReplacer("{alice}", "{id}", "{order}R001", "{id}", "{order}S001", "{id}", "/T1", "/{id}", "{order}", "{id}", "{free}", "{id}", "{combined}", "{id}", "1900000001", "{merchant_id}", "1900000999", "{sub_merchant_id}", "code_1", "{business_code}", "changes/1", "changes/{application_no}",
			"wx0000000000000001", "{app_id}", "/wx-oa/", "/{app_id}/", "any/path", "{path}", " collect", "").Replace(operation)
		known[strings.Split(operation, "?")[0]] = true
	}
	for path, item := range w.model(t).Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			if operation := strings.ToUpper(method) + " " + path; !known[operation] {
				t.Errorf("%s is missing", operation)
			}
		}
	}
}

func TestSchemeIsTakenInAnyCase(t *testing.T) {
	w := newWorld(t)
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		if a := w.call(t, "GET", "/v1/orders", "", "", "Authorization: "+scheme+" "+ordersKey); a.Status != 200 {
			t.Errorf("%s: %d", scheme, a.Status)
		}
	}
}
