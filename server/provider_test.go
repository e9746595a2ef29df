package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"wxhub/server/shipping"
	"wxhub/server/tasks"
	"wxhub/wx"
)

// shipper tells nobody of anything: its tasks stay in the store.
func (w *world) shipper(log *slog.Logger) *shipping.Shipper {
	return shipping.New(shipping.Options{
		Pay: w.pay, Mini: noShipping{}, Queue: tasks.New(tasks.Options{Store: w.store, Now: time.Now, Log: log}),
		Automatic: map[string]wx.Logistics{}, Apps: map[string]bool{miniApp: true}, Now: time.Now,
	})
}

type noShipping struct{}

func (noShipping) UploadShipping(context.Context, string, wx.Shipping) error { return nil }

func TestShippingOfAPaidOrder(t *testing.T) {
	w := newWorld(t)
	session, order := w.login(t, "alice"), w.create(t, orderBody)
	paid := w.prepay(t, order.ID, session.Token)
	w.wechat.pays(paid.Payment.OutTradeNo)
	if a := w.notify(t, paid.Payment.OutTradeNo); a.Status != http.StatusNoContent {
		t.Fatal(a.Status)
	}
	path := "/v1/orders/" + order.ID + "/shipping"
	for body, want := range map[string]int{
		`{"logistics_type":"virtual"}`: 202,
		`{"logistics_type":"express","items":[{"tracking_no":"SF1","express_company":"SF","receiver_contact":"189****1234"}]}`: 202,
		`{"logistics_type":"express"}`: 422,
		`{"logistics_type":"express","items":[{"tracking_no":"SF 1","express_company":"SF"}]}`:                                 422,
		`{"logistics_type":"express","items":[{"tracking_no":"SF1","express_company":"SF","receiver_contact":"18912341234"}]}`: 422,
		`{"logistics_type":"by_foot"}`:                       422,
		`{"logistics_type":"virtual","all_delivered":false}`: 422,
	} {
		if a := w.post(t, path, ordersKey, body); a.Status != want {
			t.Errorf("%s: got %d %s", body, a.Status, a.Body)
		}
	}
}
