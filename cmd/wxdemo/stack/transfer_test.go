package stack_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

type transfer struct {
	ID        string
	Status    string
	LastError string `json:"last_error"`
	Invoke    *struct {
		MchID   string `json:"mchId"`
		AppID   string `json:"appId"`
		Package string `json:"package"`
	}
}

// payee is somebody whom the merchant can pay.
func (b *bench) payee() (user sandbox.User, id string) {
	b.t.Helper()
	u := b.newUser()
	var s struct{ User struct{ ID string } }
	b.do(http.MethodPost, "/v1/login/mini-program", "", map[string]string{"app_id": b.app, "code": b.code(u)}).into(b.t, 200, &s)
	return u, s.User.ID
}

func (b *bench) transferBody(userID string, fen int) map[string]any {
	return map[string]any{
		"merchant_id": b.merchant, "app_id": b.app, "user_id": userID, "amount": fen, "scene_id": "1000", "remark": "prize",
		"report_infos": []map[string]string{{"type": "活动名称", "content": "抽奖"}},
	}
}

// transfer asks with an Idempotency-Key.
func (b *bench) transfer(key string, body any) answer {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	return send(b.t, http.MethodPost, b.URL+"/v1/transfers",
		http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + b.APIKey}, "Idempotency-Key": {key}}, raw)
}

// transferred waits, without asking WeChat, until a transfer has a status.
func (b *bench) transferred(id, status string) (t transfer) {
	b.t.Helper()
	within(b.t, "the transfer is "+status, func() bool {
		t = transfer{}
		b.do(http.MethodGet, "/v1/transfers/"+id, b.APIKey, nil).into(b.t, 200, &t)
		return t.Status == status
	})
	return t
}

// takes is the receiver confirming on the phone what the backend handed over.
func (b *bench) takes(t transfer, u sandbox.User, fail bool) {
	b.t.Helper()
	if t.Invoke == nil || t.Invoke.MchID != b.merchant || t.Invoke.AppID != b.app {
		b.t.Fatalf("%+v", t)
	}
	if err := b.Sandbox.ConfirmTransfer(t.Invoke.Package, u.ID, fail); err != nil {
		b.t.Fatal(err)
	}
}

// Every end of a transfer, told by its notification, and with all notifications lost found by the sweep: one event, once.
func TestTransfersComeToAnEnd(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		b := start(t, sweepOften)
		for name, c := range map[string]struct {
			do          func(transfer, sandbox.User)
			wait        time.Duration
			end, reason string
			event       string
		}{
			"taken":  {func(x transfer, u sandbox.User) { b.takes(x, u, false) }, 5 * time.Second, "succeeded", "", "transfer.succeeded"},
			"failed": {func(x transfer, u sandbox.User) { b.takes(x, u, true) }, 5 * time.Second, "failed", "PAYEE_ACCOUNT_ABNORMAL", "transfer.failed"},
			"cancelled": {func(x transfer, _ sandbox.User) {
				for range 2 { // cancelling twice is fine
					b.do(http.MethodPost, "/v1/transfers/"+x.ID+"/cancel", b.APIKey, nil).into(b.t, 200, &x)
				}
				if x.Status != "canceling" {
					b.t.Errorf("%+v", x)
				}
			}, 5 * time.Second, "cancelled", "", "transfer.failed"},
			"overdue": {func(transfer, sandbox.User) {}, 24 * time.Hour, "failed", "OVERDUE_CLOSE", "transfer.failed"},
		} {
			t.Run(name, func(t *testing.T) {
				b.t = t
				if lost {
					b.fault("notify", "drop", 20)
				}
				u, id := b.payee()
				var x transfer
				b.transfer(name, b.transferBody(id, 100)).into(t, 201, &x)
				if x.Status != "waiting" {
					t.Fatalf("%+v", x)
				}
				c.do(x, u)
				b.advance(c.wait)
				if got := b.transferred(x.ID, c.end); got.LastError != c.reason || got.Invoke != nil {
					t.Errorf("%+v", got)
				}
				if events := b.waitEvent(x.ID, c.event); len(events) != 1 {
					t.Errorf("%d events", len(events))
				}
				b.do(http.MethodPost, "/v1/transfers/"+x.ID+"/cancel", b.APIKey, nil).into(t, map[bool]int{true: 200, false: 409}[c.end == "cancelled"], nil)
			})
		}
	}
}

// However WeChat's answer gets lost, the same number is asked for again and paid once.
func TestATransferIsMadeOnceThoughTheAnswerIsLost(t *testing.T) {
	for _, kind := range []string{"system_error_after", "lost_answer", "drop", "truncate", "bad_signature", "system_error", "frequency_limited"} {
		t.Run(kind, func(t *testing.T) {
			b := start(t, sweepOften)
			u, id := b.payee()
			b.fault("/v3/fund-app/mch-transfer/transfer-bills", kind, 1)
			var x, again transfer
			b.transfer("prize-1", b.transferBody(id, 100)).into(t, 201, &x)
			b.transfer("prize-1", b.transferBody(id, 100)).into(t, 201, &again) // the backend lost our answer too
			b.transfer("prize-1", b.transferBody(id, 101)).into(t, 409, nil)
			if again.ID != x.ID {
				t.Errorf("%s and %s under one key", x.ID, again.ID)
			}
			b.takes(b.transferred(x.ID, "waiting"), u, false)
			b.advance(5 * time.Second)
			b.transferred(x.ID, "succeeded")
			b.waitEvent(x.ID, "transfer.succeeded")
			if made := b.Sandbox.Ledger().Transfers; len(made) != 1 || made[0].OutBillNo != x.ID || made[0].State != sandbox.TransferSuccess || made[0].Amount != 100 {
				t.Errorf("%+v", made)
			}
		})
	}
}

// What WeChat refuses for good moves nothing and says why.
func TestATransferThatWeChatRefuses(t *testing.T) {
	b := start(t, sweepOften)
	_, id := b.payee()
	b.transfer("small", b.transferBody(id, 1)).into(t, 502, nil) // WeChat's least is 10 fen
	b.transfer("unnamed", b.transferBody(id, 200000)).into(t, 502, nil)
	named := b.transferBody(id, 200000)
	named["user_name"] = "张三"
	var x transfer
	if b.transfer("named", named).into(t, 201, &x); x.Status != "waiting" {
		t.Errorf("%+v", x)
	}
	if made := b.Sandbox.Ledger().Transfers; len(made) != 1 {
		t.Errorf("%+v", made)
	}
	if refused := b.Shop.OfType("transfer.succeeded"); len(refused) != 0 {
		t.Errorf("%+v", refused)
	}
	within(t, "the shop hears of both refusals", func() bool { return len(b.Shop.OfType("transfer.failed")) == 2 })
}
