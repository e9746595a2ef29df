package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/pay"
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

// sharing is a WeChat Pay that shares whatever it is asked to.
type sharing struct {
	mu    sync.Mutex
	asked []string
}

func (s *sharing) note(format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, fmt.Sprintf(format, args...))
	return nil
}

func (s *sharing) AddReceiver(_ context.Context, r wx.Receiver) error {
	return s.note("add %s %s %s %s", r.AppID, r.Account, r.Name.Reveal(), r.Relation)
}

func (s *sharing) DeleteReceiver(_ context.Context, r wx.Receiver) error {
	return s.note("delete %s %s", r.AppID, r.Account)
}

func (s *sharing) ShareProfit(_ context.Context, p wx.ProfitSharing) (wx.ProfitSharingState, error) {
	state := wx.ProfitSharingState{OutOrderNo: p.OutOrderNo, TransactionID: p.TransactionID, OrderID: "3008", Finished: true}
	for _, r := range p.Receivers {
		state.Parts = append(state.Parts, wx.ProfitPartState{Type: r.Type, Account: r.Account, Amount: r.Amount, Result: wx.ProfitSuccess})
	}
	return state, s.note("share %d", len(p.Receivers))
}

func (s *sharing) QueryProfitSharing(context.Context, wx.Trade, string, string) (wx.ProfitSharingState, error) {
	return wx.ProfitSharingState{}, wx.ErrProfitSharingUnknown
}

func (s *sharing) UnsplitAmount(context.Context, wx.Trade, string) (int64, error) { return 690, nil }

func (s *sharing) ReturnProfit(_ context.Context, r wx.ProfitReturn) (wx.ProfitReturnState, error) {
	return wx.ProfitReturnState{
		OutOrderNo: r.OutOrderNo, OutReturnNo: r.OutReturnNo, ReturnID: "3009", From: r.From, Amount: r.Amount, Status: wx.ProfitReturnSuccess,
	}, s.note("return %d", r.Amount)
}

func (s *sharing) QueryProfitReturn(context.Context, wx.ProfitReturn) (wx.ProfitReturnState, error) {
	return wx.ProfitReturnState{}, wx.ErrProfitSharingUnknown
}

// paidLongAgo is an order that alice paid an hour ago and that may be shared.
func (w *world) paidLongAgo(t *testing.T) pay.OrderView {
	t.Helper()
	order := w.create(t, strings.Replace(orderBody, "{", `{"profit_sharing":true,`, 1))
	paid := w.prepay(t, order.ID, w.login(t, "alice").Token)
	w.wechat.pays(paid.Payment.OutTradeNo)
	if a := w.notify(t, paid.Payment.OutTradeNo); a.Status != http.StatusNoContent {
		t.Fatal(a.Status)
	}
	o, err := w.store.Order(t.Context(), order.ID)
	if err != nil {
		t.Fatal(err)
	}
	o.Payments[0].PaidAt = time.Now().Add(-time.Hour)
	if err := w.store.ReplaceOrder(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return order
}

func TestProfitSharing(t *testing.T) {
	w := newWorld(t)
	order := w.paidLongAgo(t)
	path := "/v1/orders/" + order.ID + "/profit-sharings"
	body := `{"receivers":[{"type":"MERCHANT_ID","account":"1900000109","name":"张三丰","amount":300,"description":"part"}]}`
	shared := decode[pay.ProfitSharingView](t, w.call(t, "POST", path, ordersKey, body, "Idempotency-Key: k"), http.StatusCreated)
	again := decode[pay.ProfitSharingView](t, w.call(t, "POST", path, ordersKey, body, "Idempotency-Key: k"), http.StatusCreated)
	if shared.Status != "finished" || again.ID != shared.ID || shared.Receivers[0].Result != "success" {
		t.Errorf("got %+v, %+v", shared, again)
	}
	back := w.post(t, "/v1/profit-sharings/"+shared.ID+"/returns", ordersKey, `{"merchant_id":"1900000109","amount":100,"description":"back"}`)
	if r := decode[pay.ProfitReturnView](t, back, http.StatusCreated); r.Status != "succeeded" {
		t.Errorf("got %+v", r)
	}
	if a := w.get(t, path+"/remaining", ordersKey); a.Status != 200 || !strings.Contains(string(a.Body), `"unsplit_amount":690`) {
		t.Errorf("got %s", a.Body)
	}
	if a := w.post(t, path+"/unfreeze", ordersKey, `{"description":"rest"}`); a.Status != 201 {
		t.Errorf("got %d %s", a.Status, a.Body)
	}
	for _, path := range []string{path, "/v1/profit-sharings/" + shared.ID} {
		if a := w.get(t, path, ordersKey); a.Status != 200 || !strings.Contains(string(a.Body), shared.ID) || strings.Contains(string(a.Body), "张三丰") {
			t.Errorf("%s: got %d %s", path, a.Status, a.Body)
		}
	}
	if a := w.get(t, "/v1/orders/"+order.ID, w.login(t, "alice").Token); strings.Contains(string(a.Body), "1900000109") {
		t.Errorf("the payer sees who gets a part: %s", a.Body)
	}
	for body, want := range map[string]int{
		`{"receivers":[]}`: 422, `{}`: 422, strings.Replace(body, "300", "991", 1): 409, strings.Replace(body, "300", "0", 1): 422,
		strings.Replace(body, "MERCHANT_ID", "CAT", 1): 422,
	} {
		if a := w.post(t, path, ordersKey, body); a.Status != want {
			t.Errorf("%s: got %d %s", body, a.Status, a.Body)
		}
	}
	if strings.Contains(w.log.String(), "张三丰") {
		t.Error("a name is in the log")
	}
}

func TestAUserCannotAskForProfitSharing(t *testing.T) {
	w := newWorld(t)
	if a := w.post(t, "/v1/orders", w.login(t, "alice").Token, `{"collect_code":"counter-1","amount":10,"profit_sharing":true}`); a.Status != 422 {
		t.Errorf("got %d", a.Status)
	}
}

func (s *sharing) Transfer(_ context.Context, t wx.Transfer) (wx.TransferState, error) {
	return wx.TransferState{
		MerchantID: t.MerchantID, OutBillNo: t.OutBillNo, TransferBillNo: "1330", Status: wx.TransferWaiting, PackageInfo: "affff==",
	}, s.note("transfer %d to %s", t.Amount, t.OpenID)
}

func (s *sharing) QueryTransfer(_ context.Context, merchantID, number string) (wx.TransferState, error) {
	return wx.TransferState{MerchantID: merchantID, OutBillNo: number, TransferBillNo: "1330", Status: wx.TransferSuccess}, nil
}

func (s *sharing) CancelTransfer(_ context.Context, merchantID, number string) (wx.TransferState, error) {
	return wx.TransferState{MerchantID: merchantID, OutBillNo: number, TransferBillNo: "1330", Status: wx.TransferCanceling}, s.note("cancel")
}

func TestTransfer(t *testing.T) {
	w := newWorld(t)
	alice := w.login(t, "alice").User.ID
	body := fmt.Sprintf(`{"merchant_id":"1900000001","app_id":"wx0000000000000001","user_id":%q,"amount":4000,"scene_id":"1000","remark":"报销",`+
		`"report_infos":[{"type":"活动名称","content":"注册"}],"user_name":"张三丰"}`, alice)
	first := decode[pay.TransferView](t, w.call(t, "POST", "/v1/transfers", transfersKey, body, "Idempotency-Key: k"), http.StatusCreated)
	again := decode[pay.TransferView](t, w.call(t, "POST", "/v1/transfers", transfersKey, body, "Idempotency-Key: k"), http.StatusCreated)
	if first.ID != again.ID || first.Status != "waiting" || first.Invoke == nil || first.Invoke.Package != "affff==" || len(w.sharing.asked) != 1 {
		t.Errorf("got %+v, %+v, %q", first, again, w.sharing.asked)
	}
	for change, want := range map[string]int{
		`"amount":0`: 422, `"amount":4000.5`: 422, `"amount":"4000"`: 422, `"amount":1000000001`: 422,
	} {
		if a := w.post(t, "/v1/transfers", transfersKey, strings.Replace(body, `"amount":4000`, change, 1)); a.Status != want {
			t.Errorf("%s: got %d", change, a.Status)
		}
	}
	if a := w.call(t, "POST", "/v1/transfers", transfersKey, strings.Replace(body, "4000", "4001", 1), "Idempotency-Key: k"); a.Status != 409 {
		t.Errorf("got %d", a.Status)
	}
	path := "/v1/transfers/" + first.ID
	if v := decode[pay.TransferView](t, w.post(t, path+"/cancel", transfersKey, ""), http.StatusOK); v.Status != "canceling" || v.Invoke != nil {
		t.Errorf("got %+v", v)
	}
	if v := decode[pay.TransferView](t, w.get(t, path+"?refresh=true", transfersKey), http.StatusOK); v.Status != "succeeded" || v.FinishedAt == nil {
		t.Errorf("got %+v", v)
	}
	for _, path := range []string{"/v1/transfers/T1", "/v1/transfers/x-y"} {
		if a := w.get(t, path, transfersKey); a.Status != 404 {
			t.Errorf("%s: got %d", path, a.Status)
		}
	}
	if log := w.log.String(); strings.Contains(log, "张三丰") || strings.Contains(log, "openid-alice") {
		t.Error("who got the money is in the log")
	}
}
