package reconcile_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/pay/reconcile"
	"wxhub/wx/sandbox"
	"wxhub/wx/transport"
	"wxhub/wx/wxpay"
)

// town is the payment service before the sandbox, at noon of a day in China.
type town struct {
	t        *testing.T
	platform *sandbox.Platform
	pay      *pay.Service
	store    *sqlitestore.Store
	gateway  *wxpay.Gateway
	merchant string
	payer    string
	date     string
	ahead    time.Duration // of the platform's clock and of the books, before the wall clock
}

func (w *town) now() time.Time { return time.Now().Add(w.ahead) }

func (w *town) pass(d time.Duration) {
	w.t.Helper()
	if _, err := w.platform.AdvanceClock(d); err != nil {
		w.t.Fatal(err)
	}
	w.ahead += d
}

func newTown(t *testing.T) *town {
	t.Helper()
	platform, err := sandbox.New(sandbox.Options{Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	peer := httptest.NewServer(platform.Handler())
	t.Cleanup(func() {
		if err := platform.Close(); err != nil {
			t.Error(err)
		}
		peer.Close()
	})
	m := platform.Credentials().Merchants[0]
	w := &town{t: t, platform: platform, merchant: m.ID}
	client, err := transport.NewClient(transport.Hosts{"api.mch.weixin.qq.com": peer.URL})
	if err != nil {
		t.Fatal(err)
	}
	w.gateway, err = wxpay.New(t.Context(), client, time.Now, []wxpay.Merchant{{
		ID: m.ID, CertSerial: m.CertSerial, PrivateKey: key[*rsa.PrivateKey](t, m.PrivateKeyPEM), APIv3Key: model.Secret(m.APIv3Key),
		PublicKeyID: m.PublicKeyID, PublicKey: key[*rsa.PublicKey](t, m.PublicKeyPEM),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.store, err = sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "books.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() }) // nothing is read after it
	u, err := platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	w.payer = u.ID
	today := time.Now().In(reconcile.China)
	noon := time.Date(today.Year(), today.Month(), today.Day()+1, 12, 0, 0, 0, reconcile.China)
	w.date = noon.Format(time.DateOnly)
	w.pass(time.Until(noon))
	log := slog.New(slog.DiscardHandler)
	w.pay = pay.New(pay.Options{
		Orders: w.store, Idempotency: w.store, WeChat: w.gateway, Together: w.gateway, Combined: w.store, Merchants: []pay.Merchant{{ID: m.ID}},
		Apps: []pay.App{{ID: sandbox.DefaultMiniProgram, Kind: model.MiniProgram}}, PublicURL: "http://127.0.0.1:1", SweepEvery: time.Second,
		Now: w.now, IDs: model.IDs{Now: w.now, Entropy: rand.Reader}, Log: log,
	})
	return w
}

// key reads one half of a key pair.
func key[K any](t *testing.T, text string) K {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		parsed, err = x509.ParsePKIXPublicKey(block.Bytes)
	}
	k, ok := parsed.(K)
	if err != nil || !ok {
		t.Fatalf("%T, %v", parsed, err)
	}
	return k
}

// sell makes an order that is paid at WeChat Pay; nobody tells us.
func (w *town) sell(amount model.Fen) (id string) {
	w.t.Helper()
	ctx := context.Background()
	o, err := w.pay.Create(ctx, pay.CreateRequest{MerchantID: w.merchant, Amount: amount, Description: "tea, `quoted`"}, pay.IdempotencyKey{})
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := w.pay.Prepay(ctx, pay.PrepayRequest{OrderID: o.ID, Method: model.MethodNative, Caller: pay.Caller{Backend: true}})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.platform.Pay(p.Invoke.CodeURL, w.payer, sandbox.PaySuccess); err != nil {
		w.t.Fatal(err)
	}
	return o.ID
}

// TestTheSandboxsBillAgainstTheBooks downloads a day's bill through everything that
// production has. What the sandbox spoiled is found, all of it and nothing else, and
// payments that nobody told us of are asked for and settled.
func TestTheSandboxsBillAgainstTheBooks(t *testing.T) {
	ctx := context.Background()
	w := newTown(t)
	const sales, missed, refunded, dirt = 60, 5, 12, 4
	var refunds, unheard []string
	for i := range sales {
		id := w.sell(model.Fen(100 + i))
		if i < missed {
			unheard = append(unheard, id)
			continue
		}
		if _, err := w.pay.Refresh(ctx, id); err != nil {
			t.Fatal(err)
		}
		if i < missed+refunded {
			_, r, err := w.pay.Refund(ctx, id, pay.RefundRequest{Amount: model.Fen(1 + i)}, pay.IdempotencyKey{})
			if err != nil {
				t.Fatal(err)
			}
			refunds = append(refunds, r.ID)
		}
	}
	w.pass(time.Minute) // refunds come to their end
	for _, id := range refunds {
		if _, err := w.pay.AskRefund(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	w.pass(26 * time.Hour)
	spoiled, err := w.platform.SpoilBill(sandbox.BillDirt{
		Date: w.date, MchID: w.merchant, Seed: 7, Missing: dirt, Extra: dirt, Amount: dirt, Status: dirt, Twice: dirt,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := reconcile.New(reconcile.Options{
		Store: w.store, Payments: w.pay, Bills: w.gateway, Accounts: []reconcile.Account{{MerchantID: w.merchant}}, Now: w.now,
		Log: slog.New(slog.DiscardHandler),
	})
	for _, fault := range []string{"signtest", ""} { // a probe first, then as it is
		if fault != "" {
			if _, err := w.platform.AddFault(sandbox.Fault{Match: "/v3/bill/tradebill", Kind: fault, Times: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Run(ctx, reconcile.Request{MerchantID: w.merchant, Date: w.date}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := w.store.ListDifferences(ctx, model.DifferenceFilter{MerchantID: w.merchant, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]model.DifferenceKind{
		sandbox.DirtMissing: model.DiffMissingThere, sandbox.DirtExtra: model.DiffUnknownHere, sandbox.DirtAmount: model.DiffAmount,
		sandbox.DirtStatus: model.DiffStatus, sandbox.DirtTwice: model.DiffDuplicate,
	}
	var want, got []string
	for _, x := range spoiled {
		number := x.OutTradeNo
		if x.OutRefundNo != "" {
			number = x.OutRefundNo
		}
		if x.Kind == sandbox.DirtMissing && x.OutRefundNo == "" && slices.Contains(unheard, x.OutTradeNo[:26]) {
			continue // in neither book: that one is the sweep's to find
		}
		want = append(want, string(kinds[x.Kind])+" "+number)
	}
	repaired := 0
	for _, d := range found {
		if d.Status == model.DifferenceRepaired {
			repaired++
			continue
		}
		got = append(got, string(d.Kind)+" "+d.Number)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("found\n%q\nspoiled\n%q", got, want)
	}
	for _, id := range unheard { // those whose row is spoiled as well are not repaired
		o, err := w.pay.Order(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(spoiled, func(x sandbox.Spoiled) bool { return x.OutTradeNo == o.Payments[0].OutTradeNo }) {
			repaired++
		} else if o.Status != model.OrderPaid {
			t.Errorf("%s is %s", id, o.Status)
		}
	}
	if repaired < missed {
		t.Errorf("%d repaired or spoiled, of %d that nobody told us of", repaired, missed)
	}
	t.Logf("%d rows spoiled, %d differences open, %d repaired", len(spoiled), len(got), repaired)
}
