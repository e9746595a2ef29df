package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"wxhub/cmd/wxdemo/stack"
	"wxhub/server/client"
	"wxhub/wx/sandbox"
)

// patience bounds every wait of these tests; none of them measures speed.
const patience = 30 * time.Second

// bench is a business backend with the real server, the sandbox, and a receiver of webhooks.
type bench struct {
	*stack.Stack
	t        *testing.T
	hub      *client.Client
	merchant string
	app      string
	events   chan client.Event
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, events: make(chan client.Event, 100)}
	hook, err := client.NewWebhook(secretB)
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(hook.Handler(func(_ context.Context, e client.Event) error { b.events <- e; return nil }))
	t.Cleanup(receiver.Close)
	b.Stack, err = stack.Start(t.Context(), stack.Options{
		Dir: t.TempDir(), Version: "test", Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Env: []string{
			"WXHUB_JOBS__HARVEST_INTERVAL=0s",
			"WXHUB_WEBHOOKS=[{url: '" + receiver.URL + "', secret: '" + secretB + "', events: [order.paid, order.closed, refund.succeeded, user.created, transfer.succeeded, transfer.failed]}]",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Stop(); err != nil {
			t.Error(err)
		}
	})
	m := b.Sandbox.Credentials().Merchants[0]
	b.merchant, b.app = m.ID, m.AppIDs[0]
	if b.hub, err = client.New(b.URL, b.APIKey, client.Options{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// wait returns the next event of a type.
func (b *bench) wait(kind string) client.Event {
	b.t.Helper()
	late := time.After(patience)
	for {
		select {
		case e := <-b.events:
			if e.Type == kind {
				return e
			}
		case <-late:
			b.t.Fatalf("no %s came", kind)
		}
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// payer is somebody who came in through the mini-program.
func (b *bench) payer(name string) (sandbox.User, client.User) {
	b.t.Helper()
	u := must[sandbox.User](b.t)(b.Sandbox.CreateUser(name))
	code := must[string](b.t)(b.Sandbox.LoginCode(b.app, u.ID))
	var in struct{ User client.User }
	b.post("/v1/login/mini-program", map[string]string{"app_id": b.app, "code": code}, &in)
	return u, in.User
}

// post calls the API as somebody without a key.
func (b *bench) post(path string, body, out any) {
	b.t.Helper()
	raw := must[[]byte](b.t)(json.Marshal(body))
	req := must[*http.Request](b.t)(http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL+path, bytes.NewReader(raw)))
	req.Header.Set("Content-Type", "application/json")
	answer := must[*http.Response](b.t)(http.DefaultClient.Do(req))
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil || answer.StatusCode != 200 {
		b.t.Fatalf("%s answered %d, %v", path, answer.StatusCode, err)
	}
}

func TestAnOrderFromMadeToRefunded(t *testing.T) {
	b := start(t)
	ctx, person := t.Context(), must[client.Order](t)
	u, user := b.payer("payer")
	n := client.NewOrder{
		MerchantID: b.merchant, Amount: 1990, Description: "tea", UserID: user.ID, Attach: "table 7", ExpiresIn: 600,
		Metadata: map[string]string{"cart": "7"}, IdempotencyKey: "cart-7",
	}
	o := person(b.hub.CreateOrder(ctx, n))
	if o.Status != client.OrderCreated || o.Amount != 1990 || o.Metadata["cart"] != "7" || o.UserID != user.ID || o.Attach != "table 7" || !o.PaidAt.IsZero() {
		t.Errorf("got %+v", o)
	}
	if again := person(b.hub.CreateOrder(ctx, n)); again.ID != o.ID {
		t.Errorf("one key made the orders %s and %s", o.ID, again.ID)
	}
	n.Amount = 1
	if _, err := b.hub.CreateOrder(ctx, n); !client.IsCode(err, "idempotency_conflict") {
		t.Errorf("got %v", err)
	}

	p := must[client.Prepaid](t)(b.hub.Prepay(ctx, o.ID, client.Prepay{Method: client.MiniProgram, AppID: b.app}))
	var invoke sandbox.Invocation
	if err := json.Unmarshal(p.Invoke, &invoke); err != nil || p.Payment.Method != client.MiniProgram || p.CodeURL() != "" {
		t.Fatalf("got %+v, %v", p, err)
	}
	if _, err := b.Sandbox.Pay(must[string](t)(b.Sandbox.CheckInvocation(invoke)), u.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	if o = person(b.hub.RefreshOrder(ctx, o.ID)); o.Status != client.OrderPaid || o.PaidAt.IsZero() || o.Payments[0].TransactionID == "" {
		t.Errorf("got %+v", o)
	}
	if told := person(b.wait("order.paid").Order()); told.ID != o.ID || told.Status != client.OrderPaid {
		t.Errorf("told %+v", told)
	}

	r := must[client.Refund](t)(b.hub.Refund(ctx, o.ID, client.NewRefund{Amount: 990, Reason: "cold", IdempotencyKey: "r-7"}))
	if again := must[client.Refund](t)(b.hub.Refund(ctx, o.ID, client.NewRefund{Amount: 990, Reason: "cold", IdempotencyKey: "r-7"})); again.ID != r.ID || r.Amount != 990 || r.OrderID != o.ID {
		t.Errorf("got %+v and %+v", r, again)
	}
	if told := must[client.Refund](t)(b.wait("refund.succeeded").Refund()); told.ID != r.ID || told.Status != "succeeded" {
		t.Errorf("told %+v", told)
	}
	if found := must[client.Refund](t)(b.hub.FindRefund(ctx, r.ID)); found.Status != "succeeded" || found.SucceededAt.IsZero() {
		t.Errorf("found %+v", found)
	}
	if o = person(b.hub.Order(ctx, o.ID)); o.Status != client.OrderPartiallyRefunded || o.AmountRefunded != 990 || len(o.Refunds) != 1 {
		t.Errorf("got %+v", o)
	}
	if _, err := b.hub.Refund(ctx, o.ID, client.NewRefund{Amount: 1990}); !client.IsCode(err, "refund_exceeds_payment") {
		t.Errorf("got %v", err)
	}
	if line := must[client.Timeline](t)(b.hub.Timeline(ctx, o.ID)); line.OrderID != o.ID || len(line.Steps) < 3 || line.Steps[0].At.IsZero() {
		t.Errorf("got %+v", line)
	}
	if err := b.hub.Ship(ctx, o.ID, client.Shipping{LogisticsType: "virtual"}); err != nil {
		t.Error(err)
	}
}

func TestOtherWaysToPayAndToClose(t *testing.T) {
	b := start(t)
	ctx, order := t.Context(), must[client.Order](t)
	prepay := must[client.Prepaid](t)
	var ids []string
	for range 3 {
		ids = append(ids, order(b.hub.CreateOrder(ctx, client.NewOrder{MerchantID: b.merchant, Amount: 1, Description: "tea"})).ID)
	}
	if p := prepay(b.hub.Prepay(ctx, ids[0], client.Prepay{Method: client.Native, AppID: b.app})); p.CodeURL() == "" || p.H5URL() != "" {
		t.Errorf("got %+v", p)
	}
	if p := prepay(b.hub.Prepay(ctx, ids[1], client.Prepay{Method: client.H5, AppID: b.app, ClientIP: "203.0.113.7"})); p.H5URL() == "" {
		t.Errorf("got %+v", p)
	}
	if o := order(b.hub.CloseOrder(ctx, ids[0])); o.Status != client.OrderClosed {
		t.Errorf("got %+v", o)
	}
	if o := order(b.wait("order.closed").Order()); o.ID != ids[0] {
		t.Errorf("told of %s", o.ID)
	}

	page := must[client.OrderPage](t)(b.hub.Orders(ctx, client.OrderQuery{MerchantID: b.merchant, Limit: 2, CreatedAfter: time.Now().Add(-time.Hour), CreatedBefore: time.Now().Add(time.Hour)}))
	if len(page.Data) != 2 || page.NextCursor == "" || page.Data[0].ID != ids[2] {
		t.Errorf("got %+v", page)
	}
	var seen []string
	for o, err := range b.hub.AllOrders(ctx, client.OrderQuery{Limit: 1}) {
		seen = append(seen, order(o, err).ID)
	}
	if len(seen) != 3 || seen[0] != ids[2] || seen[2] != ids[0] {
		t.Errorf("saw %v of %v", seen, ids)
	}
	for range b.hub.AllOrders(ctx, client.OrderQuery{Limit: 1}) {
		break
	}
	for _, err := range b.hub.AllOrders(ctx, client.OrderQuery{Status: "payed"}) {
		if !client.IsCode(err, "invalid_input") {
			t.Errorf("got %v", err)
		}
	}
	if p := must[client.OrderPage](t)(b.hub.Orders(ctx, client.OrderQuery{Status: client.OrderClosed})); len(p.Data) != 1 {
		t.Errorf("got %+v", p)
	}
}

func TestOrdersArePaidTogether(t *testing.T) {
	b := start(t)
	ctx, whole := t.Context(), must[client.CombinedOrder](t)
	u, user := b.payer("payer")
	var ids []string
	for _, amount := range []int64{100, 250} {
		ids = append(ids, must[client.Order](t)(b.hub.CreateOrder(ctx, client.NewOrder{MerchantID: b.merchant, Amount: amount, Description: "tea", UserID: user.ID})).ID)
	}
	c := whole(b.hub.CombineOrders(ctx, ids, "both"))
	if again := whole(b.hub.CombineOrders(ctx, ids, "both")); again.ID != c.ID || c.Amount != 350 || len(c.Orders) != 2 {
		t.Errorf("got %+v and %+v", c, again)
	}
	p := must[client.CombinedPrepaid](t)(b.hub.PrepayCombinedOrder(ctx, c.ID, client.CombinedPrepay{Method: client.MiniProgram, AppID: b.app}))
	var invoke sandbox.Invocation
	if err := json.Unmarshal(p.Invoke, &invoke); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sandbox.Pay(must[string](t)(b.Sandbox.CheckInvocation(invoke)), u.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	if c = whole(b.hub.RefreshCombinedOrder(ctx, c.ID)); c.Status != "paid" || c.Payments[0].CombineOutTradeNo != p.Payment.CombineOutTradeNo {
		t.Errorf("got %+v", c)
	}
	if c = whole(b.hub.CombinedOrder(ctx, c.ID)); c.Orders[1].Status != client.OrderPaid {
		t.Errorf("got %+v", c)
	}
	if _, err := b.hub.CloseCombinedOrder(ctx, c.ID); err == nil {
		t.Error("what is paid was closed")
	}
}

func TestPeople(t *testing.T) {
	b := start(t)
	ctx, person := t.Context(), must[client.User](t)
	_, first := b.payer("first")
	_, second := b.payer("second")
	if told := person(b.wait("user.created").User()); told.ID != first.ID && told.ID != second.ID {
		t.Errorf("told of %s", told.ID)
	}
	openID := first.Identities[0].OpenID
	for name, found := range map[string]client.User{
		"id": person(b.hub.User(ctx, first.ID)), "openid": person(b.hub.UserByOpenID(ctx, b.app, openID)), "unionid": person(b.hub.UserByUnionID(ctx, first.UnionID, "")),
	} {
		if found.ID != first.ID || found.UnionID == "" || found.CreatedAt.IsZero() || !found.ErasedAt.IsZero() {
			t.Errorf("by %s: %+v", name, found)
		}
	}
	p := must[client.UserPage](t)(b.hub.Users(ctx, 1, ""))
	if len(p.Data) != 1 || p.Data[0].ID != second.ID {
		t.Errorf("got %+v", p)
	}
	if p = must[client.UserPage](t)(b.hub.Users(ctx, 1, p.NextCursor)); len(p.Data) != 1 || p.Data[0].ID != first.ID || p.NextCursor != "" {
		t.Errorf("got %+v", p)
	}
	if _, err := b.hub.User(ctx, "01ARZ3NDEKTSV4RRFFQ69G5FAV"); !client.IsCode(err, "user_not_found") {
		t.Errorf("got %v", err)
	}
}

func TestAccessTokens(t *testing.T) {
	b := start(t)
	token := must[client.AccessToken](t)
	first := token(b.hub.AccessToken(t.Context(), b.app))
	if first.AccessToken == "" || first.ExpiresIn <= 0 {
		t.Error("there is no token")
	}
	second := token(b.hub.RefreshAccessToken(t.Context(), b.app, first.AccessToken))
	third := token(b.hub.RefreshAccessToken(t.Context(), b.app, first.AccessToken)) // reported by another program
	if second.AccessToken == first.AccessToken || third.AccessToken != second.AccessToken {
		t.Error("a token that was reported twice was replaced twice, or not at all")
	}
	if _, err := b.hub.AccessToken(t.Context(), "wx0"); err == nil {
		t.Error("an app that is not there has a token")
	}
}

func TestTransfers(t *testing.T) {
	b := start(t)
	ctx, transfer := t.Context(), must[client.Transfer](t)
	_, user := b.payer("receiver")
	n := client.NewTransfer{
		MerchantID: b.merchant, AppID: b.app, UserID: user.ID, Amount: 100, SceneID: "1000", Remark: "thanks", IdempotencyKey: "t-1",
		ReportInfos: []client.TransferReport{{Type: "活动名称", Content: "tea"}, {Type: "奖励说明", Content: "cup"}},
	}
	x := transfer(b.hub.CreateTransfer(ctx, n))
	if again := transfer(b.hub.CreateTransfer(ctx, n)); again.ID != x.ID {
		t.Errorf("one key pays twice: %s, %s", x.ID, again.ID)
	}
	if x = transfer(b.hub.RefreshTransfer(ctx, x.ID)); x.Status != "waiting" || len(x.Invoke) == 0 || x.Amount != 100 {
		t.Errorf("got %+v", x)
	}
	x = transfer(b.hub.CancelTransfer(ctx, x.ID))
	if x = transfer(b.hub.Transfer(ctx, x.ID)); x.Status != "canceling" && x.Status != "cancelled" || len(x.Steps) == 0 {
		t.Errorf("got %+v", x)
	}
}

func TestAKeyWithoutScopeAndAWrongOne(t *testing.T) {
	b := start(t)
	wrong := must[*client.Client](t)(client.New(b.URL, "wrong", client.Options{}))
	if _, err := wrong.Order(t.Context(), "o1"); !client.IsCode(err, "session_invalid") {
		t.Errorf("got %v", err)
	}
	if _, err := b.hub.Order(t.Context(), "nothing"); !client.IsCode(err, "order_not_found") {
		t.Errorf("got %v", err)
	}
	_, err := b.hub.ShareProfit(t.Context(), "nothing", client.NewProfitSharing{Receivers: []client.ProfitPart{{Type: "MERCHANT_ID", Account: "1900000002", Amount: 1, Description: "d"}}})
	if !client.IsCode(err, "order_not_found") {
		t.Errorf("got %v", err)
	}
}
