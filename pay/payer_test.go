package pay_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
)

// Whatever is done with an order while its user is merged: the store keeps the id that
// it was made with, and everybody is told the survivor.
func TestEveryChangeKeepsTheStoredUserAndTellsTheSurvivor(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, w *world, id string) model.OrderStatus{
		"prepay": func(t *testing.T, w *world, id string) model.OrderStatus {
			if p := w.prepay(t, id, bob, appOne); p.Order.UserID != bob || p.Payment.OpenID != "o-b1" {
				t.Errorf("got %+v", p)
			}
			return model.OrderPending
		},
		"prepay and notification": func(t *testing.T, w *world, id string) model.OrderStatus {
			p := w.prepay(t, id, bob, appOne)
			w.platform.pays(p.Payment.OutTradeNo)
			if err := w.notify(p.Payment.OutTradeNo); err != nil {
				t.Fatal(err)
			}
			return model.OrderPaid
		},
		"prepay and refresh": func(t *testing.T, w *world, id string) model.OrderStatus {
			w.platform.pays(w.prepay(t, id, bob, appOne).Payment.OutTradeNo)
			if o, err := w.Refresh(context.Background(), id); err != nil || o.UserID != bob {
				t.Errorf("got %+v, %v", o, err)
			}
			return model.OrderPaid
		},
		"prepay by the old session": func(t *testing.T, w *world, id string) model.OrderStatus {
			w.prepay(t, id, bob, appOne)
			w.prepay(t, id, bob, appOne)
			return model.OrderPending
		},
		"close": func(t *testing.T, w *world, id string) model.OrderStatus {
			if o, err := w.Close(context.Background(), id, pay.Caller{UserID: bob}); err != nil || o.UserID != bob {
				t.Errorf("got %+v, %v", o, err)
			}
			return model.OrderClosed
		},
		"sweep": func(t *testing.T, w *world, id string) model.OrderStatus {
			w.pass(3 * time.Hour)
			if _, err := w.Sweep(context.Background()); err != nil {
				t.Fatal(err)
			}
			return model.OrderClosed
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, m, of := mergedWorld(t)
			m.into[alice] = bob
			id := of[alice].ID
			status := change(t, w, id)
			if o := w.stored(t, id); o.UserID != alice || o.Status != status {
				t.Errorf("stored: %s of %s, want %s", o.Status, o.UserID, status)
			}
			for _, e := range w.stored(t, id).Outbox {
				var v pay.OrderView
				if err := json.Unmarshal(e.Data, &v); err != nil || v.UserID != bob {
					t.Errorf("%s tells %s", e.Type, e.Data)
				}
			}
			if o := w.order(t, id); o.UserID != bob {
				t.Errorf("shown: %s", o.UserID)
			}
			delete(m.into, alice) // taken back
			if o := w.order(t, id); o.UserID != alice {
				t.Errorf("after the unmerge: %s", o.UserID)
			}
		})
	}
}

// The first to prepay an order that was for nobody is bound to it with the id they have.
func TestFirstPayerIsStoredAsTheyAre(t *testing.T) {
	w, m, _ := mergedWorld(t)
	free := w.create(t, nil)
	w.prepay(t, free.ID, bob, appOne)
	m.into[alice] = bob
	if o := w.stored(t, free.ID); o.UserID != bob {
		t.Errorf("stored for %q", o.UserID)
	}
	_, err := w.Prepay(context.Background(), by(free.ID, "user-c", appOne))
	wantCode(t, err, "not_your_order")
}

func TestMergedOrdersAreListedUnderEveryID(t *testing.T) {
	w, m, of := mergedWorld(t)
	both := []string{of[alice].ID, of[bob].ID}
	slices.Sort(both)
	if got := w.listOf(t, alice); !slices.Equal(got, []string{of[alice].ID}) {
		t.Errorf("alice has %v", got)
	}
	m.into[alice] = bob
	for _, who := range []string{alice, bob} {
		if got := w.listOf(t, who); !slices.Equal(got, both) {
			t.Errorf("%s has %v", who, got)
		}
		if same, err := w.SamePerson(context.Background(), who, bob); !same || err != nil {
			t.Errorf("%s is not bob: %v", who, err)
		}
	}
	if got := w.listOf(t, "nobody"); len(got) != 0 {
		t.Errorf("nobody has %v", got)
	}
	for a, b := range map[string]string{alice: "nobody", "nobody": alice, "": bob} {
		if same, err := w.SamePerson(context.Background(), a, b); same || err != nil {
			t.Errorf("%q and %q are one: %v", a, b, err)
		}
	}
}

// Who somebody is cannot be asked just now: nothing is told and nothing is changed, or
// it would be told to the wrong person.
func TestNothingIsDoneWhileItIsUnknownWhoSomebodyIs(t *testing.T) {
	w, m, of := mergedWorld(t)
	id := of[alice].ID
	p := w.prepay(t, id, alice, appOne)
	w.platform.pays(p.Payment.OutTradeNo)
	before := w.stored(t, id)
	m.away = model.ErrUnavailable.Because(errBoom)
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"read":    func() error { _, err := w.Order(ctx, id); return err },
		"visible": func() error { _, err := w.Visible(ctx, id, pay.Caller{UserID: alice}); return err },
		"list":    func() error { _, err := w.List(ctx, model.OrderFilter{Limit: 10}); return err },
		"list of": func() error { _, err := w.ListOf(ctx, alice, model.OrderFilter{Limit: 10}); return err },
		"same":    func() error { _, err := w.SamePerson(ctx, alice, bob); return err },
		"close":   func() error { _, err := w.Close(ctx, id, pay.Caller{Backend: true}); return err },
		"prepay":  func() error { _, err := w.Prepay(ctx, by(id, alice, appOne)); return err },
		"notify":  func() error { return w.notify(p.Payment.OutTradeNo) },
	} {
		if err := call(); !errors.Is(err, model.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := w.stored(t, id); after.Version != before.Version {
		t.Errorf("version %d after %d", after.Version, before.Version)
	}
	m.away = nil // WeChat Pay says it again, and now it counts
	if err := w.notify(p.Payment.OutTradeNo); err != nil || w.order(t, id).Status != model.OrderPaid {
		t.Errorf("%v, %s", err, w.order(t, id).Status)
	}
}

// An order whose user the identity store does not know (it was restored from another
// backup, say) can still be read, paid for and closed by a backend.
func TestOrderOfAnUnknownUserStaysReadable(t *testing.T) {
	w, m, of := mergedWorld(t)
	delete(m.people, alice)
	if o := w.order(t, of[alice].ID); o.UserID != alice {
		t.Errorf("shown: %q", o.UserID)
	}
	if o, err := w.Close(context.Background(), of[alice].ID, pay.Caller{Backend: true}); err != nil || o.Status != model.OrderClosed {
		t.Errorf("%s, %v", o.Status, err)
	}
	if orders, err := w.List(context.Background(), model.OrderFilter{Limit: 10}); err != nil || len(orders) != 2 {
		t.Errorf("%d orders, %v", len(orders), err)
	}
}

// While one merges, another pays: whichever comes first, the order stays whose it was.
func TestMergeBetweenReadAndWrite(t *testing.T) {
	w, m, of := mergedWorld(t)
	id := of[alice].ID
	w.platform.meanwhile = func() { m.into[alice] = bob } // while the prepay is at WeChat
	if _, err := w.Prepay(context.Background(), by(id, alice, appOne)); err != nil {
		t.Logf("refused: %v", err)
	}
	w.platform.meanwhile = nil
	if o := w.stored(t, id); o.UserID != alice {
		t.Errorf("stored for %q", o.UserID)
	}
	w.prepay(t, id, bob, appOne)
	if o := w.stored(t, id); o.UserID != alice {
		t.Errorf("stored for %q", o.UserID)
	}
}
