package webhooktest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

func purge(t *testing.T, s Stores) {
	at := func(id string, age time.Duration, status model.DeliveryStatus) model.Delivery {
		d := sample(id, storetest.Epoch().Add(-age))
		d.Status = status
		return d
	}
	all := []model.Delivery{
		at("dead-3", 3*time.Hour, model.DeliveryDead), at("delivered-2", 2*time.Hour, model.DeliveryDelivered),
		at("delivered-1", time.Hour, model.DeliveryDelivered), at("pending", 9*time.Hour, model.DeliveryPending),
		at("now", 0, model.DeliveryDelivered), at("young", -time.Hour, model.DeliveryDead),
	}
	for _, d := range all {
		add(t, s, d)
	}
	for _, step := range []struct {
		limit, purged int
		left          []string
	}{
		{0, 0, []string{"dead-3", "delivered-2", "delivered-1", "pending", "now", "young"}},
		{2, 2, []string{"delivered-1", "pending", "now", "young"}}, // the oldest first
		{100, 1, []string{"pending", "now", "young"}},
		{100, 0, []string{"pending", "now", "young"}},
	} {
		if n, err := s.Deliveries.PurgeDeliveries(context.Background(), storetest.Epoch(), step.limit); err != nil || n != step.purged {
			t.Errorf("purged %d, error %v, want %d", n, err, step.purged)
		}
		var left []string
		for _, d := range all {
			_, err := s.Deliveries.Delivery(context.Background(), d.ID)
			if err == nil {
				left = append(left, d.ID)
			} else if !errors.Is(err, model.ErrNotFound) {
				t.Errorf("delivery %s: %v", d.ID, err)
			}
		}
		if !slices.Equal(left, step.left) {
			t.Errorf("left are %v, want %v", left, step.left)
		}
	}
}
