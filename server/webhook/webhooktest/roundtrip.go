package webhooktest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
)

// deliveries generates every field by reflection, so that a field added to the
// model is tested from the first day.
func deliveries() *rapid.Generator[model.Delivery] {
	at := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "zero") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(0, 1<<37).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nano"))
	})
	return rapid.MakeCustom[model.Delivery](rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{reflect.TypeFor[time.Time](): at.AsAny()},
	})
}

func roundTrip(t *testing.T, s Stores) {
	generator, n := deliveries(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		want := generator.Draw(t, "delivery")
		want.ID = fmt.Sprintf("%s-%d", want.ID, n)
		if err := s.Deliveries.AddDelivery(context.Background(), want); err != nil {
			t.Fatalf("add: %v", err)
		}
		wantSame(t, s, want, 1)

		changed := generator.Draw(t, "changed delivery")
		changed.ID, changed.Version = want.ID, 1
		if err := s.Deliveries.ReplaceDelivery(context.Background(), changed); err != nil {
			t.Fatalf("replace: %v", err)
		}
		wantSame(t, s, changed, 2)
	})
}

func wantSame(t *rapid.T, s Stores, want model.Delivery, version int64) {
	got, err := s.Deliveries.Delivery(context.Background(), want.ID)
	if err != nil {
		t.Fatalf("delivery: %v", err)
	}
	want.Version = version
	if got, want = emptied(got), asStored(want); !reflect.DeepEqual(got, want) {
		t.Errorf("stored and read differ:\n got %#v\nwant %#v", got, want)
	}
}

// asStored is a delivery as a store gives it back: times cut to what stores keep.
func asStored(d model.Delivery) model.Delivery {
	d.DueAt, d.CreatedAt, d.Event.CreatedAt = model.Instant(d.DueAt), model.Instant(d.CreatedAt), model.Instant(d.Event.CreatedAt)
	return emptied(d)
}

// emptied has nil for whatever is empty: stores need not know the difference.
func emptied(d model.Delivery) model.Delivery {
	if len(d.Event.Data) == 0 {
		d.Event.Data = nil
	}
	return d
}
