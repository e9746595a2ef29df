package pay_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
)

func TestCreateChecksItsInput(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		change func(*pay.CreateRequest)
		field  string // "" is accepted
	}{
		"smallest amount":           {func(r *pay.CreateRequest) { r.Amount = 1 }, ""},
		"largest amount":            {func(r *pay.CreateRequest) { r.Amount = model.MaxAmount }, ""},
		"127 Chinese characters":    {func(r *pay.CreateRequest) { r.Description = strings.Repeat("茶", 127) }, ""},
		"attach of 128":             {func(r *pay.CreateRequest) { r.Attach = strings.Repeat("茶", 128) }, ""},
		"a known user":              {func(r *pay.CreateRequest) { r.UserID = alice }, ""},
		"seven days":                {func(r *pay.CreateRequest) { r.ExpiresIn = pay.MaxExpiry }, ""},
		"zero":                      {func(r *pay.CreateRequest) { r.Amount = 0 }, "amount"},
		"negative":                  {func(r *pay.CreateRequest) { r.Amount = -1 }, "amount"},
		"too much":                  {func(r *pay.CreateRequest) { r.Amount = model.MaxAmount + 1 }, "amount"},
		"another currency":          {func(r *pay.CreateRequest) { r.Currency = "USD" }, "currency"},
		"no description":            {func(r *pay.CreateRequest) { r.Description = "" }, "description"},
		"128 characters":            {func(r *pay.CreateRequest) { r.Description = strings.Repeat("茶", 128) }, "description"},
		"not UTF-8":                 {func(r *pay.CreateRequest) { r.Description = "\xff" }, "description"},
		"a line break":              {func(r *pay.CreateRequest) { r.Description = "a\nb" }, "description"},
		"attach of 129":             {func(r *pay.CreateRequest) { r.Attach = strings.Repeat("a", 129) }, "attach"},
		"an unknown merchant":       {func(r *pay.CreateRequest) { r.MerchantID = "1" }, "merchant_id"},
		"no merchant":               {func(r *pay.CreateRequest) { r.MerchantID = "" }, "merchant_id"},
		"an unknown user":           {func(r *pay.CreateRequest) { r.UserID = "nobody" }, "user_id"},
		"59 seconds":                {func(r *pay.CreateRequest) { r.ExpiresIn = 59 * time.Second }, "expires_in"},
		"more than seven days":      {func(r *pay.CreateRequest) { r.ExpiresIn = pay.MaxExpiry + 1 }, "expires_in"},
		"an empty metadata key":     {func(r *pay.CreateRequest) { r.Metadata = map[string]string{"": "x"} }, "metadata"},
		"a long metadata value":     {func(r *pay.CreateRequest) { r.Metadata = map[string]string{"k": strings.Repeat("x", 501)} }, "metadata"},
		"an unknown collect code":   {func(r *pay.CreateRequest) { r.CollectCode = "counter-9" }, "collect_code"},
		"code: in the middle":       {func(r *pay.CreateRequest) { r.CollectCode = "counter-1" }, ""},
		"code: less than its least": {func(r *pay.CreateRequest) { r.CollectCode, r.Amount = "counter-1", 9 }, "amount"},
		"code: more than its most":  {func(r *pay.CreateRequest) { r.CollectCode, r.Amount = "counter-1", 1001 }, "amount"},
	} {
		t.Run(name, func(t *testing.T) {
			r := pay.CreateRequest{MerchantID: merchantID, Amount: 990, Description: "tea"}
			c.change(&r)
			_, err := w.Create(context.Background(), r, pay.IdempotencyKey{})
			if c.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantCode(t, err, "invalid_input")
			if f := model.AsError(err).Fields; len(f) != 1 || f[0].Name != c.field {
				t.Errorf("blames %+v, want %s", f, c.field)
			}
		})
	}
}

func TestIdempotencyKeyReturnsTheFirstAnswer(t *testing.T) {
	w := newWorld(t)
	key := pay.IdempotencyKey{Scope: "key:shop", Key: "k1"}
	r := pay.CreateRequest{MerchantID: merchantID, Amount: 990, Description: "tea", Metadata: map[string]string{"a": "1", "b": "2"}}
	var mu sync.Mutex
	ids := map[string]bool{}
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			o, err := w.Create(context.Background(), r, key)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			ids[o.ID] = true
		})
	}
	wg.Wait()
	all, err := w.List(context.Background(), model.OrderFilter{Limit: 100})
	if err != nil || len(ids) != 1 || len(all) != 1 {
		t.Fatalf("%d answers, %d orders, %v", len(ids), len(all), err)
	}
	w.prepay(t, all[0].ID, alice, appOne)
	if o, err := w.Create(context.Background(), r, key); err != nil || o.ID != all[0].ID || o.Status != model.OrderCreated {
		t.Errorf("not the first answer: %+v, %v", o, err)
	}
	other := r
	other.Amount++
	_, err = w.Create(context.Background(), other, key)
	wantCode(t, err, "idempotency_conflict")
	if o, err := w.Create(context.Background(), other, pay.IdempotencyKey{Scope: "key:other", Key: "k1"}); err != nil || o.ID == all[0].ID {
		t.Errorf("another caller's key: %+v, %v", o, err)
	}
}

// broken fails the first insert after the claim, as a crash between the two would.
type broken struct {
	pay.Orders
	fail bool
}

func (b *broken) InsertOrder(ctx context.Context, o model.Order) error {
	if b.fail {
		b.fail = false
		return errBoom
	}
	return b.Orders.InsertOrder(ctx, o)
}

func TestIdempotencySurvivesACrashBetweenClaimAndInsert(t *testing.T) {
	w := newWorld(t)
	w.Orders = &broken{Orders: w.store, fail: true}
	key := pay.IdempotencyKey{Scope: "key:shop", Key: "k"}
	r := pay.CreateRequest{MerchantID: merchantID, Amount: 990, Description: "tea"}
	if _, err := w.Create(context.Background(), r, key); err == nil {
		t.Fatal("the insert did not fail")
	}
	o, err := w.Create(context.Background(), r, key)
	if err != nil {
		t.Fatal(err)
	}
	if w.order(t, o.ID).Amount != 990 {
		t.Error("the order is not there")
	}
}
