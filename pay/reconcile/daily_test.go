package reconcile_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay/reconcile"
	"wxhub/wx"
)

func (w *world) daily(want int) {
	w.t.Helper()
	if n, err := w.service().Daily(w.t.Context()); n != want || err != nil {
		w.t.Errorf("at %s: %d were done, want %d; error %v", w.now.In(reconcile.China).Format("15:04"), n, want, err)
	}
}

func (w *world) at(clock string) {
	at, err := time.ParseInLocation(time.DateTime, "2026-03-06 "+clock+":00", reconcile.China)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = at
}

func TestDailyWaitsForItsTimeAndRunsOnce(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.bills[provider] = nil
	w.at("10:29")
	w.daily(0)
	w.at("10:30")
	w.daily(2)
	for _, later := range []string{"10:31", "11:00", "23:59"} {
		w.at(later)
		w.daily(0)
	}
	for _, merchant := range []string{shop, provider} {
		st, err := w.service().Statement(t.Context(), merchant, "", date)
		if err != nil || st.Status != model.StatementDone || st.Attempts != 1 || st.FinishedAt.IsZero() {
			t.Errorf("%s: %+v, %v", merchant, st, err)
		}
	}
	w.now = w.now.AddDate(0, 0, 1) // the next day is another day
	w.bills[shop] = nil
	w.daily(2)
}

func TestDailyComesBackWhileTheBillIsNotReady(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.bills[provider] = nil
	w.bills[shop] = wx.ErrBillNotReady
	w.at("10:30")
	w.daily(2)
	w.at("10:59")
	w.daily(0)
	w.at("11:00")
	w.daily(1)
	delete(w.bills, shop)
	w.at("11:30")
	w.daily(1)
	if st, err := w.service().Statement(t.Context(), shop, "", date); err != nil || st.Status != model.StatementDone || st.Attempts != 3 || st.LastError != "" {
		t.Errorf("%+v, %v", st, err)
	}
	if strings.Contains(w.log.String(), "level=ERROR") || strings.Contains(w.log.String(), "level=WARN") {
		t.Errorf("waiting is no failure: %s", w.log.String())
	}
}

func TestDailyGoesOnAfterACrash(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.bills[provider] = nil
	w.at("10:30")
	// A process took the statement and died.
	leased := model.Statement{
		ID: reconcile.StatementID(shop, "", date), MerchantID: shop, Date: date, Status: model.StatementPending, Attempts: 1, DueAt: w.now.Add(time.Hour),
	}
	if added, err := w.store.AddStatement(t.Context(), leased); err != nil || !added {
		t.Fatal(added, err)
	}
	w.daily(1)
	w.at("11:29")
	w.daily(0)
	w.at("11:30")
	w.daily(1)
}

func TestDailyGivesUpOnlyWhatCannotBe(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.bills[provider] = nil
	w.at("10:30")
	w.bills[shop] = wx.ErrRejected
	w.daily(2)
	w.now = w.now.AddDate(0, 2, 0)
	w.daily(3) // two new ones, and the old
	w.now = w.now.AddDate(0, 2, 0)
	w.daily(4)
	old, err := w.service().Statement(t.Context(), shop, "", date)
	if err != nil || old.Status != model.StatementDone || !strings.Contains(old.LastError, "months ago") {
		t.Errorf("%+v, %v", old, err)
	}
}

func TestDailyRunsOnceInManyProcesses(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.bills[shop], w.bills[provider] = nil, nil
	w.at("10:30")
	var sum sync.Map
	var group sync.WaitGroup
	services := []*reconcile.Service{w.service(), w.service(), w.service(), w.service()}
	for i, s := range services {
		group.Go(func() {
			n, err := s.Daily(t.Context())
			if err != nil {
				t.Error(err)
			}
			sum.Store(i, n)
		})
	}
	group.Wait()
	all := 0
	sum.Range(func(_, n any) bool { all += n.(int); return true })
	if all != 2 {
		t.Errorf("%d runs for 2 merchants", all)
	}
}

func TestDailyCanBeSwitchedOff(t *testing.T) {
	w := newWorld(t, t.TempDir())
	s := w.service()
	s.At = ""
	if n, err := s.Daily(t.Context()); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if due, err := w.store.DueStatements(t.Context(), w.now.AddDate(1, 0, 0), 10); len(due) != 0 || err != nil {
		t.Errorf("planned: %v, %v", due, err)
	}
}

func TestDailyIsLoudAboutDifferences(t *testing.T) {
	for _, open := range []bool{true, false} {
		w := newWorld(t, t.TempDir())
		w.bills[provider] = nil
		w.at("10:30")
		o := w.order(shop, 990, noon)
		w.put(o)
		if !open {
			w.pays(o, nil)
		}
		w.daily(2)
		if loud := strings.Contains(w.log.String(), "level=ERROR"); loud != open || open && !strings.Contains(w.log.String(), "missing_there=1") {
			t.Errorf("open %v: %s", open, w.log.String())
		}
	}
}
