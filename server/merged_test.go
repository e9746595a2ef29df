package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"wxhub/pay"
	"wxhub/server/login"
)

// mergedPayer has orders made for each of two ids, and then makes them one person.
func (w *world) mergedPayer(t *testing.T) (survivor, loser login.Session, orders []string) {
	t.Helper()
	survivor, loser = w.twice(t, "alice")
	for i, of := range []login.Session{loser, survivor, loser, loser} {
		orders = append(orders, w.create(t, fmt.Sprintf(`{"merchant_id":"1900000001","amount":%d,"description":"tea","user_id":%q}`, 100+i, of.User.ID)).ID)
	}
	w.merges(t, "alice")
	return survivor, loser, orders
}

// storedPayer is the user that the stored order was made with.
func (w *world) storedPayer(t *testing.T, order string) string {
	t.Helper()
	o, err := w.store.Order(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	return o.UserID
}

func TestOrdersOfAMergedUserAreTheSurvivors(t *testing.T) {
	w := newWorld(t)
	survivor, loser, orders := w.mergedPayer(t)
	slices.Sort(orders)
	slices.Reverse(orders)
	for who, token := range map[string]string{"backend": ordersKey, "survivor": survivor.Token, "session of the merged id": loser.Token} {
		for _, id := range []string{survivor.User.ID, loser.User.ID, ""} {
			p := decode[page](t, w.get(t, "/v1/orders?user_id="+id, token), 200)
			var ids []string
			for _, o := range p.Data {
				ids = append(ids, o.ID)
				if o.UserID != survivor.User.ID {
					t.Errorf("%s: order.user_id is %s", who, o.UserID)
				}
			}
			slices.Sort(ids)
			slices.Reverse(ids)
			if !slices.Equal(ids, orders) {
				t.Errorf("%s lists %d orders of %q, want %d", who, len(ids), id, len(orders))
			}
		}
		for _, id := range orders {
			if o := decode[pay.OrderView](t, w.get(t, "/v1/orders/"+id, token), 200); o.UserID != survivor.User.ID {
				t.Errorf("%s: order.user_id is %s", who, o.UserID)
			}
		}
	}
	bob := w.login(t, "bob")
	for _, id := range []string{survivor.User.ID, loser.User.ID} {
		wantProblem(t, w.get(t, "/v1/orders?user_id="+id, bob.Token), 403, "not_your_orders")
	}
	wantProblem(t, w.get(t, "/v1/orders/"+orders[0], bob.Token), 403, "not_your_order")
	if p := decode[page](t, w.get(t, "/v1/orders?user_id="+foreignID, ordersKey), 200); len(p.Data) != 0 {
		t.Errorf("nobody has %d orders", len(p.Data))
	}
}

// The pages go over the orders of every id.
func TestPagesOfAMergedUsersOrders(t *testing.T) {
	w := newWorld(t)
	_, loser, orders := w.mergedPayer(t)
	var seen []string
	for cursor := ""; ; {
		p := decode[page](t, w.get(t, "/v1/orders?limit=1&user_id="+loser.User.ID+"&cursor="+cursor, ordersKey), 200)
		for _, o := range p.Data {
			seen = append(seen, o.ID)
		}
		if cursor = p.NextCursor; cursor == "" || len(seen) > len(orders) {
			break
		}
	}
	slices.Sort(seen)
	slices.Sort(orders)
	if !slices.Equal(seen, orders) {
		t.Errorf("saw %d, want %d", len(seen), len(orders))
	}
}

func TestSurvivorPaysAndClosesWhatTheMergedUserOwed(t *testing.T) {
	w := newWorld(t)
	survivor, loser, orders := w.mergedPayer(t)
	paying, closing, paidByOld := orders[0], orders[2], orders[3]
	bob := w.login(t, "bob").Token
	wantProblem(t, w.post(t, "/v1/orders/"+paying+"/prepay", bob, `{"method":"mini_program"}`), 403, "not_your_order")
	wantProblem(t, w.post(t, "/v1/orders/"+closing+"/close", bob, ""), 403, "not_your_order")

	mini := w.login(t, "alice").Token // a session from the mini-program, where payment takes place
	p := w.prepay(t, paying, mini)
	if p.Order.UserID != survivor.User.ID || w.storedPayer(t, paying) != loser.User.ID {
		t.Errorf("order.user_id %s, stored %s", p.Order.UserID, w.storedPayer(t, paying))
	}
	w.wechat.pays(p.Payment.OutTradeNo)
	if a := w.notify(t, p.Payment.OutTradeNo); a.Status != 204 {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	if o := decode[pay.OrderView](t, w.get(t, "/v1/orders/"+paying+"?refresh=true", mini), 200); o.Status != "paid" || o.UserID != survivor.User.ID {
		t.Errorf("got %+v", o)
	}
	if o := decode[pay.OrderView](t, w.post(t, "/v1/orders/"+closing+"/close", mini, ""), 200); o.Status != "closed" || o.UserID != survivor.User.ID {
		t.Errorf("got %+v", o)
	}
	// The old session speaks for the survivor, and a backend may name the old id's order.
	if a := w.post(t, "/v1/orders/"+paidByOld+"/prepay", loser.Token, fmt.Sprintf(`{"method":"mini_program","app_id":%q}`, miniApp)); a.Status != 200 {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
	for _, id := range []string{paying, closing, paidByOld} { // through every change it stays whose it was
		if got := w.storedPayer(t, id); got != loser.User.ID {
			t.Errorf("order %s is stored for %s", id, got)
		}
	}
	w.wantEvents(t, map[string]string{paying: "order.paid", closing: "order.closed"}, survivor.User.ID)
}

// wantEvents checks what business backends will be told of orders.
func (w *world) wantEvents(t *testing.T, want map[string]string, userID string) {
	t.Helper()
	events, err := w.store.OrderOutbox().PendingEvents(t.Context(), 100)
	if err != nil || len(events) != len(want) {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for _, e := range events {
		var o pay.OrderView
		if err := json.Unmarshal(e.Data, &o); err != nil || string(e.Type) != want[o.ID] || o.UserID != userID {
			t.Errorf("%s of %s", e.Type, e.Data)
		}
	}
}

// A merge that is taken back gives the orders back, also those that were paid meanwhile.
func TestUnmergeGivesTheOrdersBack(t *testing.T) {
	w := newWorld(t)
	survivor, loser, orders := w.mergedPayer(t)
	p := w.prepay(t, orders[0], w.login(t, "alice").Token)
	w.wechat.pays(p.Payment.OutTradeNo)
	w.notify(t, p.Payment.OutTradeNo)
	if err := w.people.Unmerge(t.Context(), loser.User.ID); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{survivor.User.ID: 1, loser.User.ID: 3} {
		got := decode[page](t, w.get(t, "/v1/orders?user_id="+id, ordersKey), 200)
		if len(got.Data) != want {
			t.Errorf("%d orders, want %d", len(got.Data), want)
		}
		for _, o := range got.Data {
			if o.UserID != id {
				t.Errorf("order.user_id is %s, want %s", o.UserID, id)
			}
		}
	}
	// Each session is of its own person again.
	wantProblem(t, w.get(t, "/v1/orders/"+orders[0], survivor.Token), 403, "not_your_order")
	if o := decode[pay.OrderView](t, w.get(t, "/v1/orders/"+orders[0], loser.Token), 200); o.Status != "paid" {
		t.Errorf("got %+v", o)
	}
}

// A backend that still has the old id can go on making orders with it.
func TestOrderMadeWithTheOldIDIsTheSurvivors(t *testing.T) {
	w := newWorld(t)
	survivor, loser, _ := w.mergedPayer(t)
	body := fmt.Sprintf(`{"merchant_id":"1900000001","amount":5,"description":"tea","user_id":%q}`, loser.User.ID)
	if o := w.create(t, body); o.UserID != survivor.User.ID {
		t.Errorf("order.user_id is %s", o.UserID)
	}
	// Nobody pays for somebody whose personal data are erased.
	if err := w.people.Erase(t.Context(), survivor.User.ID, "test"); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, w.post(t, "/v1/orders", ordersKey, body), 422, "invalid_input")
}
