package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"wxhub/pay"
)

// lifeOfAnOrder is the main job, from login to paid to logout.
func (w *world) lifeOfAnOrder(t *testing.T) {
	t.Helper()
	session := w.login(t, "alice")
	if session.TokenType != "Bearer" || session.ExpiresIn != 3600 || !session.NewUser || len(session.User.Identities) != 1 {
		t.Errorf("got %+v", session)
	}
	if me := w.me(t, session.Token); me.ID != session.User.ID {
		t.Errorf("got %+v", me)
	}
	if u := w.get(t, "/v1/users/"+session.User.ID, usersKey); u.Status != http.StatusOK {
		t.Errorf("got %s", u.Body)
	}
	order := w.create(t, orderBody)
	paid := w.prepay(t, order.ID, session.Token)
	if paid.Order.Status != "pending" || paid.Invoke.Package != "prepay_id=prepay-"+paid.Payment.OutTradeNo {
		t.Errorf("got %+v", paid)
	}
	w.wechat.pays(paid.Payment.OutTradeNo)
	for range 2 { // WeChat Pay says it twice
		if a := w.notify(t, paid.Payment.OutTradeNo); a.Status != http.StatusNoContent || len(a.Body) != 0 {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
	}
	got := decode[pay.OrderView](t, w.get(t, "/v1/orders/"+order.ID, session.Token), http.StatusOK)
	if got.Status != "paid" || got.PaidAt == nil || len(got.Payments) != 1 || got.Payments[0].TransactionID == "" {
		t.Errorf("got %+v", got)
	}
	coded := w.create(t, orderBody)
	if got := decode[byCode](t, w.post(t, "/v1/orders/"+coded.ID+"/prepay", ordersKey, codeBody(goodCode)), http.StatusOK); got.Order.Status != "paid" {
		t.Errorf("got %+v", got)
	}
	other := w.create(t, orderBody)
	if got := decode[pay.OrderView](t, w.post(t, "/v1/orders/"+other.ID+"/close", ordersKey, ""), http.StatusOK); got.Status != "closed" {
		t.Errorf("got %+v", got)
	}
	decode[page](t, w.get(t, "/v1/orders?limit=1", ordersKey), http.StatusOK)
	if a := w.post(t, "/v1/logout", session.Token, ""); a.Status != http.StatusNoContent {
		t.Errorf("status %d", a.Status)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if a := w.get(t, path, ""); a.Status != http.StatusOK {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestFromLoginToPaid(t *testing.T) { newWorld(t).lifeOfAnOrder(t) }

func TestLogoutEndsTheSessionAndNoOther(t *testing.T) {
	w := newWorld(t)
	first, second := w.login(t, "alice"), w.login(t, "alice")
	if first.Token == second.Token || second.NewUser || first.User.ID != second.User.ID {
		t.Errorf("got %+v and %+v", first, second)
	}
	w.post(t, "/v1/logout", first.Token, "")
	wantProblem(t, w.get(t, "/v1/me", first.Token), 401, "session_invalid")
	wantProblem(t, w.post(t, "/v1/logout", first.Token, ""), 401, "session_invalid")
	w.me(t, second.Token)
}

func TestLoginCodeWorksOnce(t *testing.T) {
	w := newWorld(t)
	body := loginBody("alice")
	decode[map[string]any](t, w.post(t, "/v1/login/mini-program", "", body), http.StatusOK)
	wantProblem(t, w.post(t, "/v1/login/mini-program", "", body), 409, "login_code_used")
}

func TestIdempotencyKeyReturnsTheFirstAnswer(t *testing.T) {
	w := newWorld(t)
	const key = "Idempotency-Key: order-77"
	first := w.post(t, "/v1/orders", ordersKey, orderBody, key)
	again := w.post(t, "/v1/orders", ordersKey, ` {"description":"tea", "amount":990, "merchant_id":"1900000001"}`, key)
	a, b := decode[pay.OrderView](t, first, 201), decode[pay.OrderView](t, again, 201)
	if a.ID != b.ID || string(first.Body) != string(again.Body) {
		t.Errorf("first %s\nagain %s", first.Body, again.Body)
	}
	other := `{"merchant_id":"1900000001","amount":991,"description":"tea"}`
	wantProblem(t, w.post(t, "/v1/orders", ordersKey, other, key), 409, "idempotency_conflict")

	user := w.login(t, "alice").Token // the same key of another caller is another key
	collect := `{"collect_code":"counter-1","amount":10}`
	mine := decode[pay.OrderView](t, w.post(t, "/v1/orders", user, collect, key), 201)
	if repeated := decode[pay.OrderView](t, w.post(t, "/v1/orders", user, collect, key), 201); mine.ID == a.ID || repeated.ID != mine.ID {
		t.Errorf("got %s and %s", mine.ID, repeated.ID)
	}
	if all := decode[page](t, w.get(t, "/v1/orders", ordersKey), 200); len(all.Data) != 2 {
		t.Errorf("%d orders were made", len(all.Data))
	}
}

func TestPagesHaveNoGapsAndNoRepeats(t *testing.T) {
	w := newWorld(t)
	var made []string
	for i := range 45 {
		made = append(made, w.create(t, fmt.Sprintf(`{"merchant_id":"1900000001","amount":%d,"description":"tea"}`, i+1)).ID)
	}
	slices.Sort(made)
	slices.Reverse(made) // newest first
	for _, limit := range []int{1, 7, 20, 44, 45, 46, 100} {
		var seen []string
		for cursor, pages := "", 0; ; pages++ {
			p := decode[page](t, w.get(t, fmt.Sprintf("/v1/orders?limit=%d&cursor=%s", limit, cursor), ordersKey), 200)
			for _, o := range p.Data {
				seen = append(seen, o.ID)
			}
			if cursor = p.NextCursor; cursor == "" {
				break
			}
			if len(p.Data) != limit || pages > 45 {
				t.Fatalf("limit %d: %d orders on page %d", limit, len(p.Data), pages)
			}
		}
		if !slices.Equal(seen, made) {
			t.Errorf("limit %d: %d orders seen, %d made", limit, len(seen), len(made))
		}
	}
}

func TestListFiltersAndShowsAUserTheirOwn(t *testing.T) {
	w := newWorld(t)
	alice, bob := w.login(t, "alice"), w.login(t, "bob")
	w.create(t, orderBody)
	closed := w.create(t, orderBody)
	w.post(t, "/v1/orders/"+closed.ID+"/close", ordersKey, "")
	mine := decode[pay.OrderView](t, w.post(t, "/v1/orders", alice.Token, `{"collect_code":"counter-1","amount":10}`), 201)
	for query, want := range map[string]int{
		"": 3, "?status=created": 2, "?status=closed": 1, "?status=paid": 0, "?user_id=" + alice.User.ID: 1, "?merchant_id=1": 0,
		"?merchant_id=" + merchantID: 3, "?created_after=2020-01-01T00:00:00Z": 3, "?created_before=2020-01-01T00:00:00%2B08:00": 0,
	} {
		if got := decode[page](t, w.get(t, "/v1/orders"+query, ordersKey), 200); len(got.Data) != want || got.Data == nil {
			t.Errorf("%s: %d orders, want %d", query, len(got.Data), want)
		}
	}
	if got := decode[page](t, w.get(t, "/v1/orders?user_id="+alice.User.ID, alice.Token), 200); len(got.Data) != 1 || got.Data[0].ID != mine.ID {
		t.Errorf("alice sees %+v", got.Data)
	}
	if got := decode[page](t, w.get(t, "/v1/orders", bob.Token), 200); len(got.Data) != 0 {
		t.Errorf("bob sees %+v", got.Data)
	}
}

func TestRefreshAsksWeChatAndPlainGetDoesNot(t *testing.T) {
	w := newWorld(t)
	user := w.login(t, "alice").Token
	p := w.prepay(t, w.create(t, orderBody).ID, user)
	w.wechat.pays(p.Payment.OutTradeNo)
	if got := decode[pay.OrderView](t, w.get(t, "/v1/orders/"+p.Order.ID, user), 200); got.Status != "pending" {
		t.Errorf("got %s", got.Status)
	}
	if got := decode[pay.OrderView](t, w.get(t, "/v1/orders/"+p.Order.ID+"?refresh=true", user), 200); got.Status != "paid" {
		t.Errorf("got %s", got.Status)
	}
	wantProblem(t, w.post(t, "/v1/orders/"+p.Order.ID+"/close", user, ""), 409, "order_paid")
	wantProblem(t, w.post(t, "/v1/orders/"+p.Order.ID+"/prepay", user, `{"method":"mini_program"}`), 409, "order_paid")
}

func TestPrepayAgainIsTheSamePayment(t *testing.T) {
	w := newWorld(t)
	user := w.login(t, "alice").Token
	order := w.create(t, orderBody)
	first, again := w.prepay(t, order.ID, user), w.prepay(t, order.ID, user)
	if first.Payment.OutTradeNo != again.Payment.OutTradeNo || len(again.Order.Payments) != 1 {
		t.Errorf("got %+v and %+v", first.Payment, again.Payment)
	}
	closed := decode[pay.OrderView](t, w.post(t, "/v1/orders/"+order.ID+"/close", user, ""), 200)
	if closed.Status != "closed" || closed.Payments[0].Status != "closed" {
		t.Errorf("got %+v", closed)
	}
	wantProblem(t, w.post(t, "/v1/orders/"+order.ID+"/prepay", user, `{"method":"mini_program"}`), 409, "order_closed")
}
