package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"wxhub/model"
)

func TestEventArrivesSignedWithItsID(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	s.answers(func(rw http.ResponseWriter, r *http.Request) {
		got := s.receipts()[0]
		if err := hook.Verify(got.body, r.Header); err != nil { // the time of signing included
			t.Error(err)
		}
		if hook.Verify(bytes.Replace(got.body, []byte("990"), []byte("991"), 1), r.Header) == nil {
			t.Error("another amount is verified too")
		}
		rw.WriteHeader(http.StatusOK)
	})
	e := w.happens(t, "01ARZ3NDEKTSV4RRFFQ69G5FAV", model.EventOrderPaid)
	sender := w.sender(endpoint(s.URL, model.EventOrderPaid))
	if run(t, sender) == 0 || run(t, sender) != 0 {
		t.Error("it does not tell whether there was work")
	}
	got := s.receipts()
	if len(got) != 1 || got[0].id != e.ID || got[0].event != "order.paid" || !bytes.Equal(got[0].data, e.Data) {
		t.Fatalf("got %+v", got)
	}
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(got[0].body, &envelope); err != nil || len(envelope) != 3 {
		t.Errorf("got %s", got[0].body)
	}
	w.wantOutboxesEmpty(t)
	if left := w.waiting(t); len(left) != 0 {
		t.Errorf("still waiting: %+v", left)
	}
}

func TestUsersHaveEventsToo(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	e := model.Event{ID: "evt_1", Type: model.EventUserCreated, Subject: "u1", Data: json.RawMessage(`{}`), CreatedAt: w.now()}
	if _, err := w.store.InsertUser(t.Context(), model.User{ID: "u1", CreatedAt: w.now(), Outbox: []model.Event{e}}); err != nil {
		t.Fatal(err)
	}
	run(t, w.sender(endpoint(s.URL, model.EventUserCreated)))
	if got := s.receipts(); len(got) != 1 || got[0].id != "evt_1" || got[0].event != "user.created" {
		t.Errorf("got %+v", got)
	}
	w.wantOutboxesEmpty(t)
}

func TestEndpointGetsWhatItAskedForAndNothingElse(t *testing.T) {
	w, paid, both := newWorld(t), newShop(t), newShop(t)
	w.happens(t, "o-paid", model.EventOrderPaid)
	w.happens(t, "o-closed", model.EventOrderClosed)
	w.happens(t, "o-merged", model.EventUserMerged) // nobody wants it
	run(t, w.sender(endpoint(paid.URL, model.EventOrderPaid), endpoint(both.URL, model.EventOrderPaid, model.EventOrderClosed)))
	if got := paid.receipts(); len(got) != 1 || got[0].id != "evt_o-paid" {
		t.Errorf("got %+v", got)
	}
	if got := both.receipts(); len(got) != 2 {
		t.Errorf("got %+v", got)
	}
	w.wantOutboxesEmpty(t)
}

func TestOnlyTwoHundredsAreSuccess(t *testing.T) {
	elsewhere := newShop(t)
	for status, success := range map[int]bool{
		200: true, 201: true, 202: true, 204: true, 299: true,
		300: false, 301: false, 302: false, 303: false, 304: false, 307: false, 308: false,
		400: false, 401: false, 404: false, 410: false, 429: false, 500: false, 502: false, 503: false, 599: false,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w, s := newWorld(t), newShop(t)
			s.answers(func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Location", elsewhere.URL)
				rw.WriteHeader(status)
			})
			w.happens(t, "o", model.EventOrderPaid)
			run(t, w.sender(endpoint(s.URL, model.EventOrderPaid)))
			if success {
				if left := w.waiting(t); len(left) != 0 {
					t.Errorf("still waiting: %+v", left)
				}
				return
			}
			if d := w.onlyWaiting(t); d.Attempts != 1 || d.LastError != fmt.Sprintf("the endpoint answered HTTP %d", status) {
				t.Errorf("got %+v", d)
			}
		})
	}
	if got := elsewhere.receipts(); len(got) > 0 {
		t.Errorf("a redirect was followed: %+v", got)
	}
}

// Every failure is tried again after a growing pause, with the same id and a new
// signature, and given up after a day.
func TestFailureIsTriedAgainForADay(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	s.answersStatus(http.StatusInternalServerError)
	e := w.happens(t, "o", model.EventOrderPaid)
	sender := w.sender(endpoint(s.URL, model.EventOrderPaid))
	run(t, sender)
	var pauses []time.Duration
	for left := w.waiting(t); len(left) == 1; left = w.waiting(t) {
		d := left[0]
		pause := d.DueAt.Sub(w.now())
		pauses = append(pauses, pause)
		w.pass(pause - time.Millisecond)
		if n := run(t, sender); n != 0 {
			t.Fatal("it did not wait")
		}
		w.pass(time.Millisecond)
		run(t, sender)
		if len(pauses) > 50 {
			t.Fatal("it never gives up")
		}
	}
	want := []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
	for i, p := range pauses {
		if p != want[min(i, len(want)-1)] {
			t.Errorf("pause %d is %s", i, p)
		}
	}
	if last := w.now().Sub(w.start); last < 19*time.Hour || last > 24*time.Hour {
		t.Errorf("the last attempt was after %s", last)
	}
	got := s.receipts()
	if len(got) != len(pauses)+1 {
		t.Errorf("%d posts after %d pauses", len(got), len(pauses))
	}
	for i, r := range got {
		if r.id != e.ID || !bytes.Equal(r.body, got[0].body) || i > 0 && !r.at.After(got[i-1].at) {
			t.Errorf("post %d: %+v", i, r)
		}
	}
	w.pass(soon)
	if run(t, sender) != 0 || len(s.receipts()) != len(got) {
		t.Error("it came back from the dead")
	}
	if !strings.Contains(w.logged(), "webhook given up") || strings.Count(w.logged(), `"level":"ERROR"`) != 1 {
		t.Error("nobody was told")
	}
}

func TestEndpointThatHealsGetsTheEventOnce(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	s.answersStatus(http.StatusServiceUnavailable)
	w.happens(t, "o", model.EventOrderPaid)
	sender := w.sender(endpoint(s.URL, model.EventOrderPaid))
	run(t, sender)
	w.pass(time.Minute)
	s.answersStatus(http.StatusOK)
	run(t, sender)
	w.pass(soon)
	if n := run(t, sender); n != 0 || len(s.receipts()) != 2 || len(w.waiting(t)) != 0 {
		t.Errorf("%d posts", len(s.receipts()))
	}
}

// One endpoint answers only after the other got its event.
func TestSlowEndpointDoesNotHoldUpTheOthers(t *testing.T) {
	w, slow, quick := newWorld(t), newShop(t), newShop(t)
	came := make(chan struct{})
	slow.answers(func(rw http.ResponseWriter, r *http.Request) {
		select {
		case <-came:
		case <-r.Context().Done():
			t.Error("the quick one never came")
		}
	})
	quick.answers(func(http.ResponseWriter, *http.Request) { close(came) })
	w.happens(t, "o", model.EventOrderPaid)
	run(t, w.sender(endpoint(slow.URL, model.EventOrderPaid), endpoint(quick.URL, model.EventOrderPaid)))
	if len(w.waiting(t)) != 0 {
		t.Errorf("still waiting: %+v", w.waiting(t))
	}
}

func TestEndpointTakenOutOfTheConfigurationIsGivenUp(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	s.answersStatus(http.StatusInternalServerError)
	w.happens(t, "o", model.EventOrderPaid)
	run(t, w.sender(endpoint(s.URL, model.EventOrderPaid)))
	id := w.onlyWaiting(t).ID
	w.pass(time.Minute)
	run(t, w.sender())
	d, err := w.store.Delivery(t.Context(), id)
	if err != nil || d.Status != model.DeliveryDead || d.LastError != "the endpoint is no longer configured" || len(s.receipts()) != 1 {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestMoreThanOneBatchIsAllDelivered(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	for i := range 230 {
		w.happens(t, fmt.Sprintf("o-%03d", i), model.EventOrderPaid)
	}
	sender, runs := w.sender(endpoint(s.URL, model.EventOrderPaid)), 0
	for run(t, sender) > 0 {
		runs++
	}
	seen := map[string]int{}
	for _, r := range s.receipts() {
		seen[r.id]++
	}
	if len(seen) != 230 || len(s.receipts()) != 230 || runs < 3 {
		t.Errorf("%d events in %d posts and %d runs", len(seen), len(s.receipts()), runs)
	}
	w.wantOutboxesEmpty(t)
}
