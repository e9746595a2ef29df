package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"wxhub/cmd/internal/config"
	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/pay"
	"wxhub/pay/applyment"
	"wxhub/pay/reconcile"
	"wxhub/server"
	"wxhub/server/edge"
	"wxhub/server/harvest"
	"wxhub/server/health"
	"wxhub/server/jobs"
	serverpush "wxhub/server/push"
	"wxhub/server/tasks"
	"wxhub/server/webhook"
	"wxhub/wx/api"
	"wxhub/wx/forward"
	"wxhub/wx/mini"
	"wxhub/wx/mp"
	"wxhub/wx/oauth"
	"wxhub/wx/push"
	"wxhub/wx/token"
	"wxhub/wx/wxpay"
)

// Roles are what an instance does. Without API it serves health and metrics only.
type Roles struct{ API, Jobs bool }

// Options are what New needs beside the configuration.
type Options struct {
	Roles    Roles
	Version  string
	Log      *slog.Logger
	Listener net.Listener // nil: listen on the configured address
}

// App is a running wxhub, once Run is called.
type App struct {
	config   *config.Config
	options  Options
	store    store
	redis    *redisstore.Store
	people   *identity.Service
	pay      *pay.Service
	bills    *reconcile.Service
	subs     *applyment.Service
	tasks    *tasks.Queue
	harvest  *harvest.Harvester
	webhooks *webhook.Sender
	tokens   *token.Keeper
	gateway  *wxpay.Gateway
	http     *fiber.App
	listener net.Listener
	events   jobs.Bell // rung when there is something for the webhooks
	work     jobs.Bell // rung when there is a task
}

// New opens the store, Redis and the listener, and wires everything. What it opened
// is closed again when it fails.
func New(ctx context.Context, c *config.Config, o Options) (*App, error) {
	a, err := Open(ctx, c, o)
	if err != nil || a.listener != nil {
		return a, err
	}
	if a.listener, err = net.Listen("tcp", c.Server.Addr); err != nil {
		_ = a.Close()
		return nil, fmt.Errorf("server.addr: %w; stop what listens there, or choose another address", err)
	}
	return a, nil
}

// Open is New without a listener, for an operator's command beside the servers.
func Open(ctx context.Context, c *config.Config, o Options) (_ *App, err error) {
	a := &App{config: c, options: o, listener: o.Listener, events: jobs.NewBell(), work: jobs.NewBell()}
	defer func() {
		if err != nil {
			_ = a.Close()
		}
	}()
	if a.store, err = openStore(ctx, c.Store.URL.Reveal()); err != nil {
		return nil, fmt.Errorf("store.url: %w", err)
	}
	if a.redis, err = redisstore.Open(ctx, c.Redis.URL.Reveal()); err != nil {
		return nil, fmt.Errorf("redis.url: %w", err)
	}
	return a, a.wire(ctx)
}

func (a *App) wire(ctx context.Context) error {
	clock, ids := time.Now, model.IDs{Now: time.Now, Entropy: rand.Reader}
	metrics := edge.NewMetrics()
	client, err := weChatClient(a.config)
	if err != nil {
		return err
	}
	if a.gateway, err = wxpay.New(ctx, client, clock, merchants(a.config)); err != nil {
		return err
	}
	a.tokens = newKeeper(a.config, a.redis, client, a.options.Log, metrics)
	metrics.Tokens(a.tokens.Local, clock)
	weChat := api.Client{HTTP: client, Tokens: a.tokens}
	minis, accounts := mini.New(client, miniPrograms(a.config), a.tokens), mp.New(weChat)
	a.people = identity.New(identity.Options{
		Store: a.store.users, Sessions: a.redis, Redemptions: a.redis, States: a.redis, Apps: apps(a.config),
		MiniPrograms: minis, Sites: sites{oauth.New(client, loginSites(a.config)), a.config},
		SessionTTL: a.config.Server.SessionTTL, Now: clock, IDs: ids, Entropy: rand.Reader, Log: a.options.Log, OnEvent: a.events.Ring,
	})
	codes, err := newCodePay(a.config, a.gateway)
	if err != nil {
		return err
	}
	a.pay = pay.New(pay.Options{
		Orders: a.store.orders, Idempotency: a.store.idempotency, WeChat: a.gateway, CodePay: codes, Profits: a.gateway,
		Together: a.gateway, Combined: a.store.combined,
		Transfers: a.store.transfers, Bills: a.gateway, Payers: a.people,
		Merchants: payMerchants(a.config), Apps: payApps(a.config), CollectCodes: collectCodes(a.config),
		RefundLate: a.config.Pay.LatePayment == config.LateRefund, PublicURL: a.config.Server.PublicURL, SweepEvery: a.config.Jobs.OrderSweepInterval,
		Now: clock, IDs: ids, Log: a.options.Log, OnEvent: a.events.Ring, OnPaid: a.askUnionID,
	})
	a.subs = a.newApplyments(ids)
	a.wireTasks(minis, accounts, ids)
	a.bills = newReconciler(a.config, a.store, a.pay, a.gateway, a.options.Log)
	a.bills.Meter = metrics.Reconciliations()
	shipper := a.wireShipping(minis)
	a.webhooks = webhook.New(webhook.Options{
		Endpoints: endpoints(a.config), Outboxes: a.store.outboxes, Deliveries: a.store.deliveries,
		Followers: []webhook.Follower{shipper.Paid},
		Now:       clock, Log: a.options.Log,
	})
	opener, err := push.New(pushSettings(a.config, clock))
	if err != nil {
		return err
	}
	forwarder := &forward.Forwarder{Client: client, Tokens: a.tokens, Allow: a.config.WeChat.ForwardPaths}
	shown, err := pages(a.config)
	if err != nil {
		return err
	}
	a.http = server.New(server.Options{
		API: a.options.Roles.API, Identity: a.people, Pay: a.pay, Applyments: a.subs, Shipping: shipper, Keys: keys(a.config), PublicURL: a.config.Server.PublicURL,
		Push:   serverpush.Options{Opener: opener, DedupKey: push.DedupKey, Nonces: a.redis, Queue: a.tasks, Metrics: metrics, Log: a.options.Log},
		Inbox:  a.tasks,
		Checks: health.Checks{"store": a.store.ping, "redis": a.redis.Ping},
		Tokens: a.tokens, Forwarder: forwarder, Now: clock, Pages: shown, JSConfig: jsConfig(a.config),
		Metrics: metrics, Version: a.options.Version, Log: a.options.Log,
	})
	return nil
}

// Addr is the address that the app listens on.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Run serves until ctx ends. Then it takes no new connection, answers what is in
// flight, lets the jobs finish their step, and returns nil.
func (a *App) Run(ctx context.Context) error {
	jobsDone := make(chan struct{})
	jobsCtx, stopJobs := context.WithCancel(ctx)
	defer stopJobs()
	go func() {
		defer close(jobsDone)
		var watching sync.WaitGroup
		watching.Go(func() { a.tokens.Watch(jobsCtx) })
		watching.Go(func() { a.gateway.Run(jobsCtx, a.certificatesFailed) })
		if a.options.Roles.Jobs {
			jobs.Run(jobsCtx, a.options.Log, a.jobs()...)
		}
		watching.Wait()
	}()
	served, silent := make(chan error, 1), watchSilent(a.listener)
	go func() { served <- a.http.Listener(silent) }()
	var err error
	select {
	case <-ctx.Done():
		a.options.Log.Info("stopping: answering what is in flight")
		silent.hurry()
		err = a.http.ShutdownWithTimeout(a.config.Server.ShutdownTimeout)
	case err = <-served:
	}
	stopJobs()
	<-jobsDone
	return err
}

// sweepsPerInterval is how many sweeps there are in the time after which an order wants
// to be asked for again, so that it is asked for soon after that and not a whole
// interval later.
const sweepsPerInterval = 6

const (
	// repairInterval is how long what a crash cut short waits to be finished.
	repairInterval = 10 * time.Second
	// codeTick is how often payments by code are looked for whose time has come; they have a
	// minute in all, however rarely other orders are swept.
	codeTick = time.Second
	// harvestTick is how often the long jobs do a part of their work.
	harvestTick = time.Minute
	// reconcileTick is how often it is looked whether a bill is to be compared.
	reconcileTick = time.Minute
)

func (a *App) jobs() []jobs.Job {
	return []jobs.Job{
		{Name: "order_sweep", Every: a.config.Jobs.OrderSweepInterval / sweepsPerInterval, Run: a.pay.Sweep, Once: a.redis},
		{Name: "code_payments", Every: codeTick, Run: a.pay.ChaseCodes, Once: a.redis},
		{Name: "transfer_sweep", Every: a.config.Jobs.OrderSweepInterval / sweepsPerInterval, Run: a.pay.SweepTransfers, Once: a.redis},
		{Name: "applyment_sweep", Every: a.config.Jobs.OrderSweepInterval / sweepsPerInterval, Run: a.subs.Sweep, Once: a.redis},
		{Name: "token_renewal", Every: a.config.Jobs.TokenRenewInterval, Run: a.tokens.Renew, Once: a.redis},
		{Name: "identity_repair", Every: repairInterval, Run: a.people.Repair, Once: a.redis},
		{Name: "tasks", Every: a.config.Jobs.WebhookPollInterval, Run: a.tasks.Run, Wake: a.work},
		{Name: "task_purge", Every: time.Hour, Run: a.tasks.Purge, Once: a.redis},
		{Name: "webhook_purge", Every: time.Hour, Run: a.webhooks.Purge, Once: a.redis},
		{Name: "harvest", Every: min(harvestTick, max(a.config.Jobs.HarvestInterval, time.Second)), Run: a.harvest.Run, Once: a.redis},
		{Name: "reconcile", Every: reconcileTick, Run: a.bills.Daily, Once: a.redis},
		{Name: "webhooks", Every: a.config.Jobs.WebhookPollInterval, Run: a.webhooks.Run, Wake: a.events},
	}
}

// certificatesFailed says that WeChat Pay's certificates could not be fetched. What was
// fetched before goes on to count.
func (a *App) certificatesFailed(err error) {
	a.options.Log.Warn("WeChat Pay's platform certificates could not be renewed; it is tried again", "error", err.Error())
}

// Close closes what New opened. Call it after Run has returned.
func (a *App) Close() error {
	var errs []error
	if a.listener != nil {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if a.redis != nil {
		errs = append(errs, a.redis.Close())
	}
	if a.store.close != nil {
		errs = append(errs, a.store.close())
	}
	return errors.Join(errs...)
}
