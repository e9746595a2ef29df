package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"wxhub/cmd/internal/config"
	"wxhub/identity"
	"wxhub/model"
	"wxhub/pay"
	"wxhub/pay/reconcile"
	"wxhub/wx/wxpay"
)

func newReconciler(c *config.Config, s store, p *pay.Service, g *wxpay.Gateway, log *slog.Logger) *reconcile.Service {
	return reconcile.New(reconcile.Options{
		Store: s.reconcile, Payments: p, Bills: g, Accounts: accounts(c), At: c.Jobs.ReconcileAt, FundFlow: c.Jobs.ReconcileFundFlow, Now: time.Now, Log: log,
	})
}

func accounts(c *config.Config) (out []reconcile.Account) {
	for _, m := range c.Pay.Merchants {
		a := reconcile.Account{MerchantID: m.ID, Partner: m.Mode == config.ModePartner}
		for _, sub := range m.SubMerchants {
			a.SubMerchants = append(a.SubMerchants, sub.ID)
		}
		out = append(out, a)
	}
	return out
}

// Reconciler is what an operator's commands about bills need: the store of the servers and
// WeChat Pay. It needs no Redis.
type Reconciler struct {
	*reconcile.Service
	close func() error
}

// OpenReconciler opens the store for an operator's command. Close it in the end.
func OpenReconciler(ctx context.Context, c *config.Config, log *slog.Logger) (*Reconciler, error) {
	s, err := openStore(ctx, c.Store.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("store.url: %w", err)
	}
	client, err := weChatClient(c)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	gateway, err := wxpay.New(ctx, client, time.Now, merchants(c))
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	codes, err := newCodePay(c, gateway)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	ids := model.IDs{Now: time.Now, Entropy: rand.Reader}
	people := identity.New(identity.Options{Store: s.users, Apps: apps(c), Now: time.Now, IDs: ids, Entropy: rand.Reader, Log: log, Sessions: elsewhere{}})
	payments := pay.New(pay.Options{
		Orders: s.orders, Idempotency: s.idempotency, WeChat: gateway, CodePay: codes, Payers: people, Merchants: payMerchants(c), Apps: payApps(c),
		RefundLate: c.Pay.LatePayment == config.LateRefund, PublicURL: c.Server.PublicURL, SweepEvery: c.Jobs.OrderSweepInterval, Now: time.Now, IDs: ids, Log: log,
	})
	return &Reconciler{Service: newReconciler(c, s, payments, gateway, log), close: s.close}, nil
}

// Close closes what OpenReconciler opened.
func (r *Reconciler) Close() error { return r.close() }
