package shipping_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/server/shipping"
	"wxhub/server/tasks"
	"wxhub/wx"
)

// world is a real store with one paid order, and a WeChat that is told of deliveries.
type world struct {
	t       testing.TB
	store   *sqlitestore.Store
	pay     *pay.Service
	queue   *tasks.Queue
	shipper *shipping.Shipper

	mu    sync.Mutex
	ahead time.Duration
	says  error
	told  []wx.Shipping
	apps  []string
}

func (w *world) UploadShipping(_ context.Context, app string, s wx.Shipping) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told, w.apps = append(w.told, s), append(w.apps, app)
	return w.says
}

type nobody struct{}

func (nobody) CheckUser(context.Context, string) error                { return nil }
func (nobody) OpenID(context.Context, string, string) (string, error) { return "", nil }
func (nobody) Survivor(_ context.Context, id string) (string, error)  { return id, nil }
func (nobody) EveryID(_ context.Context, id string) ([]string, error) { return []string{id}, nil }

const orderID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

func newWorld(t testing.TB) *world {
	t.Helper()
	store, err := sqlitestore.Open(context.Background(), filepath.Join(t.TempDir(), "shipping.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // a test may have closed it
	w := &world{t: t, store: store}
	start := model.Instant(time.Now())
	now := func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return start.Add(w.ahead)
	}
	log := slog.New(slog.DiscardHandler)
	w.pay = pay.New(pay.Options{Orders: store, Payers: nobody{}, Now: now, IDs: model.IDs{Now: now, Entropy: rand.Reader}, Log: log})
	w.queue = tasks.New(tasks.Options{Store: store, Now: now, Log: log, Handlers: map[string]tasks.Handler{}})
	w.shipper = shipping.New(shipping.Options{
		Pay: w.pay, Mini: w, Queue: w.queue, Now: now,
		Automatic: map[string]wx.Logistics{"wx-mini": wx.LogisticsVirtual}, Apps: map[string]bool{"wx-mini": true, "wx-other": true},
	})
	w.queue.Handlers[shipping.Kind] = w.shipper.Handle
	return w
}

// paid stores an order that was paid in an app.
func (w *world) paid(app string, method model.Method) model.Event {
	w.t.Helper()
	o := model.Order{
		ID: orderID, Status: model.OrderPaid, Amount: 990, Currency: model.CNY, Description: strings.Repeat("茶", 127), Version: 1,
		Payments: []model.Payment{
			{OutTradeNo: orderID + "01", Method: method, AppID: app, OpenID: "o-0", Status: model.PaymentClosed},
			{OutTradeNo: orderID + "02", Method: method, AppID: app, OpenID: "o-1", Status: model.PaymentPaid, TransactionID: "4200001"},
		},
	}
	if err := w.store.InsertOrder(context.Background(), o); err != nil {
		w.t.Fatal(err)
	}
	return model.Event{ID: "evt", Type: model.EventOrderPaid, Subject: orderID}
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

func (w *world) run() int {
	w.t.Helper()
	n, err := w.queue.Run(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) steps() (what string) {
	w.t.Helper()
	o, err := w.pay.Order(context.Background(), orderID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range o.History {
		what += s.What + "(" + s.Note + ") "
	}
	return strings.TrimSpace(what)
}

func TestAPaidOrderIsToldOnceHoweverOftenItsEventIsSeen(t *testing.T) {
	w := newWorld(t)
	e := w.paid("wx-mini", model.MethodMiniProgram)
	for range 3 {
		if err := w.shipper.Paid(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		w.run()
	}
	if len(w.told) != 1 || w.apps[0] != "wx-mini" {
		t.Fatalf("told %+v", w.told)
	}
	s := w.told[0]
	if s.TransactionID != "4200001" || s.OpenID != "o-1" || s.Logistics != wx.LogisticsVirtual || !s.AllDelivered ||
		len(s.Items) != 1 || s.Items[0].Description != strings.Repeat("茶", 119)+"…" {
		t.Errorf("told %+v", s)
	}
	if got := w.steps(); got != "shipping_uploaded(virtual)" {
		t.Errorf("the timeline says %s", got)
	}
}

func TestWhatIsNotToldByItself(t *testing.T) {
	for name, c := range map[string]struct {
		app    string
		method model.Method
		event  model.EventType
	}{
		"another app":      {"wx-other", model.MethodMiniProgram, model.EventOrderPaid},
		"paid another way": {"wx-mini", model.MethodNative, model.EventOrderPaid},
		"a closed order":   {"wx-mini", model.MethodMiniProgram, model.EventOrderClosed},
		"a refund":         {"wx-mini", model.MethodMiniProgram, model.EventRefundSucceeded},
	} {
		w := newWorld(t)
		e := w.paid(c.app, c.method)
		e.Type = c.event
		if err := w.shipper.Paid(t.Context(), e); err != nil || w.run() != 0 {
			t.Errorf("%s: a task was made, %v", name, err)
		}
	}
	w := newWorld(t)
	if err := w.shipper.Paid(t.Context(), model.Event{Type: model.EventOrderPaid, Subject: orderID}); err != nil {
		t.Errorf("an order that is gone: %v", err)
	}
}

// When the store is away the event must be shown again: nothing is lost silently.
func TestPaidFailsWithTheStore(t *testing.T) {
	w := newWorld(t)
	e := w.paid("wx-mini", model.MethodMiniProgram)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.shipper.Paid(t.Context(), e); err == nil {
		t.Error("the event would leave the outbox")
	}
}

func refusal(base *model.Error) error {
	return wx.Refused(base, model.Upstream{Service: "wechat", Code: "1006", Message: "不可以"})
}

func TestOutcomesOfAnUpload(t *testing.T) {
	for name, c := range map[string]struct {
		says  error
		steps string
		again bool
	}{
		"told already":  {refusal(wx.ErrShipped), "shipping_uploaded(virtual)", false},
		"refused":       {refusal(wx.ErrRejected), "shipping_refused(virtual: 1006: 不可以)", false},
		"too early":     {refusal(wx.ErrShippingTooEarly), "shipping_delayed(virtual: 1006: 不可以) shipping_uploaded(virtual)", true},
		"silent":        {wx.ErrTimeout, "shipping_delayed(virtual: WeChat did not answer in time; try again) shipping_uploaded(virtual)", true},
		"token trouble": {errors.New("unknown"), "shipping_delayed(virtual: something went wrong on our side) shipping_uploaded(virtual)", true},
	} {
		w := newWorld(t)
		e := w.paid("wx-mini", model.MethodMiniProgram)
		if err := w.shipper.Paid(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		w.says = c.says
		for range 3 { // the same trouble three times is one line
			w.run()
			w.pass(3 * time.Hour)
		}
		tries := len(w.told)
		w.says = nil
		w.run()
		if again := len(w.told) > tries; again != c.again || w.steps() != c.steps {
			t.Errorf("%s: again %v, the timeline says %s", name, again, w.steps())
		}
		for _, s := range w.told {
			if !s.At.Equal(w.told[0].At) {
				t.Errorf("%s: a try has a time of its own", name)
			}
		}
	}
}

func express(number string) shipping.Request {
	return shipping.Request{
		Logistics: wx.LogisticsExpress, AllDelivered: true,
		Items: []wx.ShippingItem{{TrackingNo: number, ExpressCompany: "SF", Description: "tea", ReceiverContact: "189****1234"}},
	}
}

func TestTheBackendShips(t *testing.T) {
	w := newWorld(t)
	w.paid("wx-other", model.MethodMiniProgram)
	for _, r := range []shipping.Request{express("SF1"), express("SF1"), express("SF2")} {
		if err := w.shipper.Accept(t.Context(), orderID, r); err != nil {
			t.Fatal(err)
		}
	}
	w.run()
	if len(w.told) != 2 {
		t.Errorf("told %+v", w.told)
	}
	w.says = refusal(wx.ErrShipped) // for a backend, whose word did not count, this is a refusal
	if err := w.shipper.Accept(t.Context(), orderID, express("SF3")); err != nil {
		t.Fatal(err)
	}
	w.run()
	if got := w.steps(); !strings.HasSuffix(got, "shipping_refused(express SF3: 1006: 不可以)") {
		t.Errorf("the timeline says %s", got)
	}
}

func TestShippingThatIsRefusedBeforeWeChatHearsOfIt(t *testing.T) {
	w := newWorld(t)
	w.paid("wx-other", model.MethodMiniProgram)
	many := express("SF1")
	for i := range 15 {
		many.Items = append(many.Items, wx.ShippingItem{TrackingNo: fmt.Sprint(i), ExpressCompany: "SF", Description: "x"})
	}
	for field, change := range map[string]func(*shipping.Request){
		"items":                     func(r *shipping.Request) { *r = many },
		"items ":                    func(r *shipping.Request) { r.Items = nil },
		"items[0].tracking_no":      func(r *shipping.Request) { r.Items[0].TrackingNo = "" },
		"items[0].express_company":  func(r *shipping.Request) { r.Items[0].ExpressCompany = "S F" },
		"items[0].receiver_contact": func(r *shipping.Request) { r.Items[0].ReceiverContact = "18912341234" },
		"items[0].item_desc":        func(r *shipping.Request) { r.Items[0].Description = strings.Repeat("茶", 121) },
		"all_delivered":             func(r *shipping.Request) { r.Logistics, r.AllDelivered = wx.LogisticsVirtual, false },
		"items[0].tracking_no ":     func(r *shipping.Request) { r.Logistics = wx.LogisticsVirtual },
	} {
		r := express("SF1")
		change(&r)
		err := w.shipper.Accept(t.Context(), orderID, r)
		if f := model.AsError(err).Fields; len(f) != 1 || f[0].Name != strings.TrimSpace(field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if w.run() != 0 || w.steps() != "" {
		t.Error("something was stored")
	}
	if err := w.shipper.Accept(t.Context(), "01ARZ3NDEKTSV4RRFFQ69G5FAW", express("SF1")); model.CodeOf(err) != "order_not_found" {
		t.Errorf("got %v", err)
	}
	native := newWorld(t)
	native.paid("wx-other", model.MethodNative)
	if err := native.shipper.Accept(t.Context(), orderID, express("SF1")); model.CodeOf(err) != "shipping_not_needed" {
		t.Errorf("got %v", err)
	}
}
