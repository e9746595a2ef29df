package gopaytest

import (
	"testing"
	"time"

	"github.com/go-pay/gopay"

	"wxhub/wx/sandbox"
)

func TestTransfers(t *testing.T) {
	s := newStage(t, false)
	body := func(number string, fen int) gopay.BodyMap {
		bm := gopay.BodyMap{}
		return bm.Set("appid", sandbox.DefaultMiniProgram).Set("out_bill_no", number).Set("transfer_scene_id", "1000").
			Set("openid", s.payer.OpenIDs[sandbox.DefaultMiniProgram]).Set("transfer_amount", fen).Set("transfer_remark", "奖").Set("notify_url", s.notify).Set("user_recv_style", gopay.BodyMap{"type": "RED_PACKET"}).
			Set("transfer_scene_report_infos", []map[string]string{{"info_type": "活动名称", "info_content": "抽奖"}})
	}
	state := func(number, want string) {
		t.Helper()
		got, err := s.client.V3TransferBillsMerchantQuery(background, number)
		if err != nil || got.Code != 0 || got.Response.State != want {
			t.Errorf("%+v %v, not %s", got, err, want)
		}
	}
	for number, steps := range map[string]struct {
		confirm, fail, cancel bool
		wait                  time.Duration
		end                   string
	}{
		"taken1": {confirm: true, wait: 5 * time.Second, end: sandbox.TransferSuccess}, "failed1": {confirm: true, fail: true, wait: 5 * time.Second, end: sandbox.TransferFail},
		"cancelled1": {cancel: true, wait: 5 * time.Second, end: sandbox.TransferCancelled}, "overdue1": {wait: 24 * time.Hour, end: sandbox.TransferFail},
	} {
		made, err := s.client.V3TransferBills(background, body(number, 100))
		if err != nil || made.Code != 0 || made.Response.State != sandbox.TransferWaits || made.Response.PackageInfo == "" {
			t.Fatalf("%+v %v", made, err)
		}
		again, err := s.client.V3TransferBills(background, body(number, 100))
		if err != nil || again.Code != 0 || again.Response.TransferBillNo != made.Response.TransferBillNo {
			t.Errorf("%+v %v", again, err)
		}
		if other, err := s.client.V3TransferBills(background, body(number, 101)); err != nil || other.ErrResponse.Code != "INVALID_REQUEST" {
			t.Errorf("%+v %v", other, err)
		}
		if steps.confirm {
			if err := s.platform.ConfirmTransfer(made.Response.PackageInfo, s.payer.ID, steps.fail); err != nil {
				t.Fatal(err)
			}
			state(number, sandbox.TransferMoves)
		}
		if steps.cancel || steps.confirm {
			cancelled, err := s.client.V3TransferBillsCancel(background, number)
			if err != nil || (cancelled.Code == 0) != steps.cancel || steps.cancel && cancelled.Response.State != sandbox.TransferCanceling {
				t.Errorf("%+v %v", cancelled, err)
			}
		}
		if _, err := s.platform.AdvanceClock(steps.wait); err != nil {
			t.Fatal(err)
		}
		state(number, steps.end)
		if n := s.notice(); n.EventType != "MCHTRANSFER.BILL.FINISHED" {
			t.Errorf("%+v", n)
		}
	}
	for _, bad := range []gopay.BodyMap{body("small1", 9), body("unnamed1", 200000), body("plain1", 200000).Set("user_name", "张三")} {
		if got, err := s.client.V3TransferBills(background, bad); err != nil || got.ErrResponse.Code != "PARAM_ERROR" {
			t.Errorf("%+v %v", got, err)
		}
	}
}
