package h5

import (
	"strings"
	"testing"
	"time"

	"wxhub/model"
)

func TestStateOfOrder(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for status, want := range map[model.OrderStatus][2]State{ // before its expiry, and at it
		model.OrderCreated: {StatePayable, StateExpired}, model.OrderPending: {StatePayable, StateExpired}, model.OrderPaid: {StatePaid, StatePaid},
		model.OrderPartiallyRefunded: {StateRefunded, StateRefunded}, model.OrderRefunded: {StateRefunded, StateRefunded}, model.OrderClosed: {StateClosed, StateClosed},
	} {
		for i, left := range []time.Duration{time.Millisecond, 0} {
			if got := stateOf(model.Order{Status: status, ExpiresAt: now.Add(left)}, now); got != want[i] {
				t.Errorf("%s with %s left: %s, want %s", status, left, got, want[i])
			}
		}
	}
}

func TestRecently(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	r := newRecently(2 * time.Second)
	if !r.first("a", now) || r.first("a", now.Add(time.Second)) || !r.first("b", now) || !r.first("a", now.Add(2*time.Second)) {
		t.Error("it forgets, or remembers too long")
	}
	for i := range 3 * maxRecent {
		r.first(time.Duration(i).String(), now)
	}
	if len(r.last) > maxRecent {
		t.Errorf("it remembers %d", len(r.last))
	}
}

// Every state has a page with its own words, in both languages.
func TestResultPageOfEveryState(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	h := handlers{Options: Options{Now: func() time.Time { return now }}}
	o := model.Order{ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Amount: 1990, Description: "tea", AmountRefunded: 1990, PaidAt: now, ExpiresAt: now}
	for _, l := range []lang{chinese, english} {
		for _, s := range []State{StatePaid, StateRefunded, StateClosed, StateExpired} {
			var out strings.Builder
			if err := templates.ExecuteTemplate(&out, "result.html", h.orderPage(visit{lang: l}, o, s)); err != nil {
				t.Fatal(err)
			}
			for _, words := range []string{say(l, string(s)), say(l, string(s)+"_text"), `data-state="` + string(s) + `"`, "sign-" + string(s), "19.90", "2026-05-01 20:00:00", o.ID} {
				if !strings.Contains(out.String(), words) {
					t.Errorf("%s in %s lacks %q", s, l, words)
				}
			}
		}
	}
}
