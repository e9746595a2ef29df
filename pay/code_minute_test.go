package pay_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
)

// Whatever the payer does and wherever a process dies, a payment by code is decided within a
// minute of the call, as long as WeChat Pay answers.
func TestAPaymentByCodeEndsWithinAMinute(t *testing.T) {
	t.Parallel()
	store, err := sqlitestore.Open(context.Background(), filepath.Join(t.TempDir(), "pay.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldOn(store)
		w.Orders, w.SweepEvery = mortal{store, w.platform}, time.Hour
		ctx := context.Background()
		o, err := w.Create(ctx, pay.CreateRequest{MerchantID: merchantID, Amount: 990, Description: "tea"}, pay.IdempotencyKey{})
		if err != nil {
			r.Fatal(err)
		}
		w.platform.codes.password = rapid.IntRange(0, 9).Draw(r, "password") > 0
		w.platform.lost = rapid.Bool().Draw(r, "answer lost")
		w.platform.codes.recall = rapid.IntRange(0, 2).Draw(r, "recall")
		w.platform.codes.crash = rapid.IntRange(0, 40).Draw(r, "dies at point")
		pays, closes := rapid.IntRange(1, 90).Draw(r, "pays"), rapid.IntRange(1, 90).Draw(r, "order closed")
		alone(func() { _, _ = w.Prepay(ctx, byCode(o.ID, codeOne)) })
		for second := 1; second < 60; second++ {
			w.pass(time.Second)
			if ps := w.found(r, o.ID).Payments; second == pays && len(ps) > 0 {
				w.platform.pays(ps[0].OutTradeNo)
			}
			if second == closes {
				alone(func() { _, _ = w.Close(ctx, o.ID, pay.Caller{Backend: true}) })
			}
			alone(func() { _, _ = w.ChaseCodes(ctx) })
			alone(func() { _, _ = w.Sweep(ctx) })
		}
		for _, p := range w.found(r, o.ID).Payments {
			if p.Status == model.PaymentCreated || p.Status == model.PaymentPending || p.Status == model.PaymentReversing {
				r.Fatalf("after a minute the payment is %s", p.Status)
			}
		}
	})
}

// alone runs something in a goroutine of its own, which ends when the process dies.
func alone(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	<-done
}

func (w *world) found(r *rapid.T, id string) model.Order {
	o, err := w.store.Order(context.Background(), id)
	if err != nil {
		r.Fatal(err)
	}
	return o
}
