package pay_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

// bank is the platform's side of transfers: a number with the same values is the same
// transfer. lost makes the next call take effect and its answer get lost.
type bank struct {
	mu    sync.Mutex
	bills map[string]*bill
	calls map[string]int
	fail  error
	lost  bool
}

type bill struct {
	asked  wx.Transfer
	status wx.TransferStatus
}

func (b *bill) said() wx.TransferState {
	s := wx.TransferState{
		MerchantID: b.asked.MerchantID, OutBillNo: b.asked.OutBillNo, TransferBillNo: "1330" + b.asked.OutBillNo, Status: b.status,
		Amount: b.asked.Amount, OpenID: b.asked.OpenID,
	}
	if b.status == wx.TransferFail {
		s.FailReason = "PAYEE_ACCOUNT_ABNORMAL"
	}
	return s
}

func (b *bank) do(call, number string, change func(*bill) error) (wx.TransferState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls[call]++
	fail, lost := b.fail, b.lost
	b.fail, b.lost = nil, false
	if fail != nil {
		return wx.TransferState{}, fail
	}
	x, known := b.bills[number]
	if !known && call != "transfer" {
		return wx.TransferState{}, wx.ErrTransferUnknown
	}
	if !known {
		x = &bill{status: wx.TransferWaiting}
	}
	if err := change(x); err != nil {
		return wx.TransferState{}, err
	}
	b.bills[number] = x
	if lost {
		return wx.TransferState{}, wx.ErrTimeout
	}
	return x.said(), nil
}

func (b *bank) Transfer(_ context.Context, t wx.Transfer) (wx.TransferState, error) {
	s, err := b.do("transfer", t.OutBillNo, func(x *bill) error {
		if x.asked.OutBillNo != "" && !reflect.DeepEqual(x.asked, t) {
			return wx.ErrRejected
		}
		x.asked = t
		return nil
	})
	if s.Status == wx.TransferWaiting {
		s.PackageInfo = "package-" + t.OutBillNo
	}
	return s, err
}

func (b *bank) QueryTransfer(_ context.Context, _, number string) (wx.TransferState, error) {
	return b.do("query", number, func(*bill) error { return nil })
}

func (b *bank) CancelTransfer(_ context.Context, _, number string) (wx.TransferState, error) {
	return b.do("cancel", number, func(x *bill) error { x.status = wx.TransferCanceling; return nil })
}

// ends decides a transfer.
func (b *bank) ends(number string, as wx.TransferStatus) wx.TransferState {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bills[number].status = as
	return b.bills[number].said()
}

func newBank(t testing.TB) (*world, *bank) {
	w := newWorld(t)
	b := &bank{bills: map[string]*bill{}, calls: map[string]int{}}
	w.Transfers, w.Bills = w.store, b
	return w, b
}

func toAlice() pay.TransferRequest {
	return pay.TransferRequest{
		MerchantID: merchantID, AppID: appOne, UserID: alice, Amount: 4000, SceneID: "1000", Remark: "报销", UserName: "张三丰",
		Reports: []model.TransferReport{{Type: "活动名称", Content: "注册"}},
	}
}

func (w *world) transfer(r pay.TransferRequest, key string) (model.Transfer, error) {
	return w.Transfer(context.Background(), r, pay.IdempotencyKey{Scope: "key:shop", Key: key})
}

func (w *world) sweepTransfers(t testing.TB) {
	t.Helper()
	w.pass(2 * time.Hour)
	if _, err := w.SweepTransfers(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) toldOfTransfer(s wx.TransferState) error {
	w.platform.next = wx.Notification{EventType: "MCHTRANSFER.BILL.FINISHED", Transfer: &s}
	return w.notify("transfer")
}

func (w *world) stands(t testing.TB, id string) model.Transfer {
	t.Helper()
	x, err := w.FindTransfer(context.Background(), id, false)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestATransferSucceedsOnce(t *testing.T) {
	w, b := newBank(t)
	x, err := w.transfer(toAlice(), "")
	if err != nil || x.Status != model.TransferWaiting || x.UserName != "" || len(x.ID) > 32 {
		t.Fatalf("got %+v, %v", x, err)
	}
	asked := b.bills[x.ID].asked
	if asked.OpenID != "o-a1" || asked.UserName != "张三丰" || asked.Amount != 4000 || !strings.HasSuffix(asked.NotifyURL, "/v1/notify/wechat-pay/"+merchantID) {
		t.Errorf("asked for %+v", asked)
	}
	if invoke, open := pay.InvokeTransfer(x); !open || invoke.Package != "package-"+x.ID || invoke.MerchantID != merchantID || invoke.AppID != appOne {
		t.Errorf("got %+v, %v", invoke, open)
	}
	done := b.ends(x.ID, wx.TransferSuccess)
	for range 3 {
		if err := w.toldOfTransfer(done); err != nil {
			t.Fatal(err)
		}
	}
	w.sweepTransfers(t)
	x = w.stands(t, x.ID)
	if x.Status != model.TransferSucceeded || len(x.Outbox) != 1 || x.Outbox[0].Type != model.EventTransferSucceeded || !x.CheckAt.IsZero() || x.FinishedAt.IsZero() {
		t.Errorf("got %+v", x)
	}
	if strings.Contains(string(x.Outbox[0].Data), "o-a1") {
		t.Errorf("the event tells the openid: %s", x.Outbox[0].Data)
	}
	late := done
	late.Status = wx.TransferFail // nothing undoes it
	if err := w.toldOfTransfer(late); err != nil || w.stands(t, x.ID).Status != model.TransferSucceeded {
		t.Errorf("got %v", err)
	}
	waiting, err := w.store.TransferOutbox().PendingEvents(t.Context(), 10)
	if err != nil || len(waiting) != 1 || w.store.TransferOutbox().AcknowledgeEvent(t.Context(), waiting[0]) != nil || len(w.stands(t, x.ID).Outbox) != 0 {
		t.Errorf("the event does not leave: %v, %v", waiting, err)
	}
}

func TestTransfersThatAreRefusedBeforeWeChatHearsOfThem(t *testing.T) {
	w, b := newBank(t)
	for field, change := range map[string]func(*pay.TransferRequest){
		"merchant_id":     func(r *pay.TransferRequest) { r.MerchantID = "1" },
		"app_id":          func(r *pay.TransferRequest) { r.AppID = "wx-none" },
		"user_id":         func(r *pay.TransferRequest) { r.UserID = "nobody" },
		"user_id ":        func(r *pay.TransferRequest) { r.UserID = "" },
		"amount":          func(r *pay.TransferRequest) { r.Amount = 0 },
		"amount ":         func(r *pay.TransferRequest) { r.Amount = model.MaxAmount + 1 },
		"scene_id":        func(r *pay.TransferRequest) { r.SceneID = "x" },
		"remark":          func(r *pay.TransferRequest) { r.Remark = strings.Repeat("茶", 33) },
		"user_name":       func(r *pay.TransferRequest) { r.UserName = "a\nb" },
		"report_infos":    func(r *pay.TransferRequest) { r.Reports = make([]model.TransferReport, 11) },
		"report_infos[0]": func(r *pay.TransferRequest) { r.Reports[0].Content = "" },
	} {
		r := toAlice()
		change(&r)
		_, err := w.transfer(r, "")
		if f := model.AsError(err).Fields; len(f) != 1 || f[0].Name != strings.TrimSpace(field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
	r := toAlice()
	r.UserID, r.AppID = bob, appTwo
	if _, err := w.transfer(r, ""); model.CodeOf(err) != "payer_has_no_openid" {
		t.Errorf("got %v", err)
	}
	due, err := w.store.DueTransfers(t.Context(), time.Now().Add(time.Hour), 10)
	if err != nil || len(due) != 0 || len(b.calls) != 0 {
		t.Errorf("%d are stored, calls %v, %v", len(due), b.calls, err)
	}
}

// Any number of requests with one key make one transfer; another request with it makes none.
func TestAKeyMakesOneTransfer(t *testing.T) {
	w, b := newBank(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := w.transfer(toAlice(), "k"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(b.bills) != 1 {
		t.Errorf("%d transfers", len(b.bills))
	}
	more := toAlice()
	more.Amount++
	if _, err := w.transfer(more, "k"); model.CodeOf(err) != "idempotency_conflict" {
		t.Errorf("got %v", err)
	}
	if _, err := w.transfer(toAlice(), "l"); err != nil || len(b.bills) != 2 {
		t.Errorf("%d transfers, %v", len(b.bills), err)
	}
}

// An answer that is not known: the sweep, or the repeated request, asks for the same number.
func TestALostAnswerPaysOnce(t *testing.T) {
	for name, spoil := range map[string]func(*bank){
		"it got through": func(b *bank) { b.lost = true },
		"it did not":     func(b *bank) { b.fail = wx.ErrTimeout },
		"forged":         func(b *bank) { b.fail = wx.ErrForged },
		"slow down":      func(b *bank) { b.fail = wx.ErrRateLimited },
	} {
		for _, how := range []string{"sweep", "request"} {
			w, b := newBank(t)
			spoil(b)
			x, err := w.transfer(toAlice(), "k")
			if err != nil || x.Status != model.TransferCreated || x.UserName == "" {
				t.Errorf("%s: got %+v, %v", name, x, err)
			}
			if _, err := w.CancelTransfer(t.Context(), x.ID); model.CodeOf(err) != "transfer_not_accepted" {
				t.Errorf("%s: got %v", name, err)
			}
			if how == "sweep" {
				w.sweepTransfers(t)
			} else if _, err := w.transfer(toAlice(), "k"); err != nil {
				t.Error(err)
			}
			if x = w.stands(t, x.ID); x.Status != model.TransferWaiting || x.PackageInfo == "" || len(b.bills) != 1 || b.calls["transfer"] != 2 {
				t.Errorf("%s, %s: got %+v, %d bills", name, how, x, len(b.bills))
			}
		}
	}
}

// A refusal counts only when WeChat Pay does not know the number.
func TestARefusedTransfer(t *testing.T) {
	refusal := wx.Refused(wx.ErrRejected, model.Upstream{Service: "wechat_pay", Code: "NOT_ENOUGH", Message: "资金不足"})
	w, b := newBank(t)
	b.fail = refusal
	if _, err := w.transfer(toAlice(), "k"); !errors.Is(err, wx.ErrRejected) {
		t.Errorf("got %v", err)
	}
	x, err := w.transfer(toAlice(), "k") // the answer to a repeated request
	if err != nil || x.Status != model.TransferRefused || x.LastError != "NOT_ENOUGH: 资金不足" || x.UserName != "" || len(x.Outbox) != 1 ||
		x.Outbox[0].Type != model.EventTransferFailed || b.calls["transfer"] != 1 || b.calls["query"] != 1 {
		t.Errorf("got %+v, %v", x, err)
	}
	if _, err := w.CancelTransfer(t.Context(), x.ID); model.CodeOf(err) != "transfer_over" {
		t.Errorf("got %v", err)
	}

	w, b = newBank(t)
	b.lost = true
	if x, err = w.transfer(toAlice(), ""); err != nil {
		t.Fatal(err)
	}
	b.fail = refusal // of a repetition of what got through
	w.sweepTransfers(t)
	if x = w.stands(t, x.ID); x.Status != model.TransferWaiting {
		t.Errorf("got %+v", x)
	}
}

func TestCancel(t *testing.T) {
	for end, want := range map[wx.TransferStatus]model.TransferStatus{
		wx.TransferCancelled: model.TransferCancelled,
		wx.TransferSuccess:   model.TransferSucceeded, // the receiver was faster
	} {
		w, b := newBank(t)
		x, err := w.transfer(toAlice(), "")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := w.CancelTransfer(t.Context(), x.ID); err != nil || got.Status != model.TransferCanceling {
				t.Errorf("got %+v, %v", got, err)
			}
		}
		b.ends(x.ID, end)
		w.sweepTransfers(t)
		if got := w.stands(t, x.ID); got.Status != want || len(got.Outbox) != 1 || b.calls["cancel"] != 1 {
			t.Errorf("%s: got %+v", end, got)
		}
	}
}

func TestAStatementAboutAnotherTransferChangesNothing(t *testing.T) {
	w, b := newBank(t)
	x, err := w.transfer(toAlice(), "")
	if err != nil {
		t.Fatal(err)
	}
	good := b.ends(x.ID, wx.TransferSuccess)
	for name, c := range map[string]struct {
		change func(*wx.TransferState)
		code   string
	}{
		"another merchant": {func(s *wx.TransferState) { s.MerchantID = "1900000002" }, "payment_mismatch"},
		"one fen more":     {func(s *wx.TransferState) { s.Amount++ }, "payment_mismatch"},
		"another person":   {func(s *wx.TransferState) { s.OpenID = "o-b1" }, "payment_mismatch"},
		"another bill":     {func(s *wx.TransferState) { s.TransferBillNo = "1" }, "payment_mismatch"},
		"another number":   {func(s *wx.TransferState) { s.OutBillNo = "T1" }, "transfer_unknown"},
		"no number":        {func(s *wx.TransferState) { s.OutBillNo = "../x" }, "transfer_unknown"},
	} {
		s := good
		c.change(&s)
		if err := w.toldOfTransfer(s); model.CodeOf(err) != c.code {
			t.Errorf("%s: got %v", name, err)
		}
		if got := w.stands(t, x.ID); got.Version != x.Version {
			t.Errorf("%s: it changed: %s", name, fmt.Sprint(got))
		}
	}
}
