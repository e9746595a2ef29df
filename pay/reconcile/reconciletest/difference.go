package reconciletest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/model/storetest"
)

func difference(id string) model.Difference {
	return model.Difference{
		ID: id, MerchantID: "1900000001", Date: "2026-03-05", Kind: model.DiffAmount, Entry: model.EntryRefund, Number: "n-" + id,
		OutTradeNo: "trade", OrderID: "order", Upstream: "5000", BillAmount: 1, OurAmount: 2, BillStatus: "REFUND SUCCESS", OurStatus: "succeeded",
		Rows: 1, Status: model.DifferenceOpen, FoundAt: storetest.Epoch(), ChangedAt: storetest.Epoch().Add(time.Second), Version: 1,
	}
}

func addDifference(t *testing.T, s Store, d model.Difference) {
	t.Helper()
	if added, err := s.AddDifference(ctx(), d); err != nil || !added {
		t.Fatalf("add %s: %v, %v", d.ID, added, err)
	}
}

func roundTripDifferences(t *testing.T, s Store) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		d := storetest.Anything[model.Difference]().Draw(t, "difference")
		n++
		d.ID, d.Version = fmt.Sprintf("%d-%s", n, d.ID), 1
		if added, err := s.AddDifference(ctx(), d); err != nil || !added {
			t.Fatalf("add: %v, %v", added, err)
		}
		d.FoundAt, d.ChangedAt = model.Instant(d.FoundAt), model.Instant(d.ChangedAt)
		if got, err := s.Difference(ctx(), d.ID); err != nil || got != d {
			t.Fatalf("error %v\n got %+v\nwant %+v", err, got, d)
		}
		d.Status, d.Note = model.DifferenceResolved, "seen to"
		if err := s.ReplaceDifference(ctx(), d); err != nil {
			t.Fatalf("replace: %v", err)
		}
		d.Version = 2
		if got, err := s.Difference(ctx(), d.ID); err != nil || got != d {
			t.Fatalf("after the replacement: error %v\n got %+v\nwant %+v", err, got, d)
		}
	})
}

func staleDifferences(t *testing.T, s Store) {
	d := difference("a")
	if _, err := s.Difference(ctx(), "a"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	if err := s.ReplaceDifference(ctx(), d); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("replace what is not there: %v", err)
	}
	addDifference(t, s, d)
	other := d
	other.Note = "another"
	if added, err := s.AddDifference(ctx(), other); err != nil || added {
		t.Errorf("added twice: %v, %v", added, err)
	}
	if err := s.ReplaceDifference(ctx(), d); err != nil {
		t.Fatal(err)
	}
	if err := s.ReplaceDifference(ctx(), other); !errors.Is(err, model.ErrStale) {
		t.Errorf("a stale version: %v", err)
	}
	if got, err := s.Difference(ctx(), "a"); err != nil || got.Note != "" || got.Version != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func listDifferences(t *testing.T, s Store) {
	for i, change := range []func(*model.Difference){
		func(*model.Difference) {},
		func(d *model.Difference) { d.MerchantID = "1900000002" },
		func(d *model.Difference) { d.SubMerchantID = "1900000109" },
		func(d *model.Difference) { d.Date = "2026-03-06" },
		func(d *model.Difference) { d.Status = model.DifferenceResolved },
		func(*model.Difference) {},
	} {
		d := difference(fmt.Sprintf("id-%d", i))
		change(&d)
		addDifference(t, s, d)
	}
	for name, c := range map[string]struct {
		f    model.DifferenceFilter
		want string
	}{
		"all":          {model.DifferenceFilter{Limit: 10}, "012345"},
		"merchant":     {model.DifferenceFilter{MerchantID: "1900000001", Limit: 10}, "02345"},
		"sub merchant": {model.DifferenceFilter{SubMerchantID: "1900000109", Limit: 10}, "2"},
		"date":         {model.DifferenceFilter{Date: "2026-03-05", Limit: 10}, "01245"},
		"status":       {model.DifferenceFilter{Status: model.DifferenceOpen, Limit: 10}, "01235"},
		"page":         {model.DifferenceFilter{AfterID: "id-1", Limit: 2}, "23"},
		"everything": {model.DifferenceFilter{
			MerchantID: "1900000001", Date: "2026-03-05", Status: model.DifferenceOpen, AfterID: "id-0", Limit: 10,
		}, "25"},
		"nothing": {model.DifferenceFilter{}, ""},
	} {
		list, err := s.ListDifferences(ctx(), c.f)
		got := ""
		for _, d := range list {
			got += d.ID[3:]
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, want %q, error %v", name, got, c.want, err)
		}
		if !slices.IsSortedFunc(list, func(a, b model.Difference) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("%s: not in order", name)
		}
	}
}
