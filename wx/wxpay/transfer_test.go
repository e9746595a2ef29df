package wxpay

import (
	"context"
	"errors"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
)

const (
	transferAnswered = `{"out_bill_no":"T1","transfer_bill_no":"1330","create_time":"2026-03-01T20:05:00+08:00","state":"WAIT_USER_CONFIRM","package_info":"affff=="}`
	transferQueried  = `{"mch_id":"1900000001","out_bill_no":"T1","transfer_bill_no":"1330","appid":"wxA","state":"FAIL","transfer_amount":4000,"transfer_remark":"报销","fail_reason":"PAYEE_ACCOUNT_ABNORMAL","openid":"openid-1","user_name":"AAAA","create_time":"2026-03-01T20:05:00+08:00","update_time":"2026-03-01T20:05:00+08:00"}`
	transferCanceled = `{"out_bill_no":"T1","transfer_bill_no":"1330","state":"CANCELING","update_time":"2026-03-01T20:05:00+08:00"}`
	transferFinished = `{"out_bill_no":"T1","transfer_bill_no":"1330","state":"SUCCESS","mch_id":"1900000001","transfer_amount":4000,"openid":"openid-1","create_time":"2026-03-01T20:05:00+08:00","update_time":"2026-03-01T20:05:00+08:00"}`
)

func newTransfer() wx.Transfer {
	return wx.Transfer{
		MerchantID: directID, AppID: "wxA", OutBillNo: "T1", OpenID: "openid-1", UserName: secretName, Amount: 4000, SceneID: "1000", Remark: "报销",
		Perception: "现金奖励", Reports: []wx.TransferReport{{Type: "活动名称", Content: "注册"}, {Type: "奖励说明", Content: "x"}}, NotifyURL: "https://shop.example.com/n",
	}
}

func transferAnswers(r request) (int, string) {
	switch {
	case strings.HasSuffix(r.uri, "/cancel"):
		return 200, transferCanceled
	case r.method == "GET":
		return 200, transferQueried
	}
	return 200, transferAnswered
}

func TestTransferRequests(t *testing.T) {
	ctx := context.Background()
	for _, withKey := range []bool{true, false} {
		p := newPlatform(t)
		p.list(oldSerial, begin.Add(-day), begin.Add(day))
		p.answer = transferAnswers
		g := p.gateway(merchantOf(directID, withKey))
		bare := newTransfer()
		bare.UserName, bare.Perception, bare.Reports, bare.NotifyURL = "", "", nil, ""
		waiting := wx.TransferState{MerchantID: directID, OutBillNo: "T1", TransferBillNo: "1330", Status: wx.TransferWaiting, PackageInfo: "affff=="}
		for _, asked := range []wx.Transfer{newTransfer(), bare} {
			if got, err := g.Transfer(ctx, asked); err != nil || got != waiting {
				t.Errorf("got %+v, %v", got, err)
			}
		}
		failed := wx.TransferState{
			MerchantID: directID, OutBillNo: "T1", TransferBillNo: "1330", Status: wx.TransferFail, Amount: 4000, OpenID: "openid-1", FailReason: "PAYEE_ACCOUNT_ABNORMAL",
		}
		if got, err := g.QueryTransfer(ctx, directID, "T1"); err != nil || got != failed {
			t.Errorf("got %+v, %v", got, err)
		}
		if got, err := g.CancelTransfer(ctx, directID, "T1"); err != nil || got.Status != wx.TransferCanceling || got.MerchantID != directID {
			t.Errorf("got %+v, %v", got, err)
		}
		seen := p.requests()
		const path = "/v3/fund-app/mch-transfer/transfer-bills"
		for i, want := range []string{"POST " + path, "POST " + path, "GET " + path + "/out-bill-no/T1", "POST " + path + "/out-bill-no/T1/cancel"} {
			if got := seen[i].method + " " + seen[i].uri; got != want || seen[i].mchid != directID {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		const head = `{"appid":"wxA","out_bill_no":"T1","transfer_scene_id":"1000","openid":"openid-1","transfer_amount":4000,"transfer_remark":"报销"`
		sameJSON(t, "transfer", opened(t, p, seen[0], "user_name"), head+`,"user_name":"张三丰","user_recv_perception":"现金奖励","notify_url":"https://shop.example.com/n",`+
			`"transfer_scene_report_infos":[{"info_type":"活动名称","info_content":"注册"},{"info_type":"奖励说明","info_content":"x"}]}`)
		sameJSON(t, "bare", seen[1].body, head+`}`)
		if seen[2].body != "" || seen[3].body != "" {
			t.Errorf("bodies %q, %q", seen[2].body, seen[3].body)
		}
	}
}

// A probe is followed by the same transfer, encrypted anew and not twice over.
func TestTransferThroughAProbe(t *testing.T) {
	p := newPlatform(t)
	p.answer = transferAnswers
	probed := false
	p.spoil = func(_ request, a *signed) bool {
		if !probed {
			probed = true
			a.header["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + a.header["Wechatpay-Signature"]
		}
		return false
	}
	if _, err := p.gateway(merchantOf(directID, true)).Transfer(context.Background(), newTransfer()); err != nil {
		t.Fatal(err)
	}
	seen := p.requests()
	if len(seen) != 2 {
		t.Fatalf("%d calls", len(seen))
	}
	sameJSON(t, "again", opened(t, p, seen[1], "user_name"), opened(t, p, seen[0], "user_name"))
}

func TestTransferRefusals(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		status          int
		code            string
		transfer, query error
	}{
		{400, "INVALID_REQUEST", wx.ErrRejected, wx.ErrRejected},
		{400, "PARAM_ERROR", wx.ErrRejected, wx.ErrRejected},
		{400, "ALREADY_EXISTS", wx.ErrRejected, wx.ErrRejected},
		{403, "NOT_ENOUGH", wx.ErrRejected, wx.ErrRejected},
		{403, "NO_AUTH", wx.ErrRejected, wx.ErrRejected},
		{404, "NOT_FOUND", wx.ErrRejected, wx.ErrTransferUnknown},
		{404, "RESOURCE_NOT_EXISTS", wx.ErrRejected, wx.ErrTransferUnknown},
		{429, "FREQUENCY_LIMITED", wx.ErrRateLimited, wx.ErrRateLimited},
		{500, "SYSTEM_ERROR", wx.ErrBusy, wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return c.status, `{"code":"` + c.code + `","message":"不可以"}` }
		g := p.gateway(merchantOf(directID, true))
		_, transfer := g.Transfer(ctx, newTransfer())
		_, query := g.QueryTransfer(ctx, directID, "T1")
		_, cancel := g.CancelTransfer(ctx, directID, "T1")
		for i, err := range []error{transfer, query, cancel} {
			if want := []error{c.transfer, c.query, c.query}[i]; !errors.Is(err, want) || model.AsError(err).Upstream == nil {
				t.Errorf("%s, call %d: got %v, want %v", c.code, i, err, want)
			}
			if strings.Contains(err.Error(), secretName) || strings.Contains(err.Error(), "openid-1") {
				t.Errorf("the error names somebody: %v", err)
			}
		}
	}
}

func TestTransferAnswersThatAreNotBelieved(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"another number":   {strings.Replace(transferQueried, "T1", "T2", 1), wx.ErrForged},
		"another merchant": {strings.Replace(transferQueried, directID, "1900000002", 1), wx.ErrForged},
		"no number":        {strings.Replace(transferQueried, "1330", "", 1), wx.ErrBusy},
		"a strange state":  {strings.Replace(transferQueried, `"FAIL"`, `"LOST"`, 1), wx.ErrBusy},
		"less than none":   {strings.Replace(transferQueried, ":4000", ":-1", 1), wx.ErrBusy},
		"not JSON":         {"busy", wx.ErrForged},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, c.answer }
		if _, err := p.gateway(merchantOf(directID, true)).QueryTransfer(context.Background(), directID, "T1"); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestOpenReadsTransfers(t *testing.T) {
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true))
	open := func(original, resource string) (wx.Notification, error) {
		body := notice(t, "MCHTRANSFER.BILL.FINISHED", original, resource)
		return g.Open(context.Background(), directID, p.notify(keyID, body), body)
	}
	want := wx.TransferState{MerchantID: directID, OutBillNo: "T1", TransferBillNo: "1330", Status: wx.TransferSuccess, Amount: 4000, OpenID: "openid-1"}
	for _, resource := range []string{transferFinished, strings.Replace(transferFinished, "mch_id", "mchid", 1)} {
		for _, original := range []string{"mch_payment", ""} {
			n, err := open(original, resource)
			if err != nil || n.Transfer == nil || *n.Transfer != want || n.Refund != nil || n.Transaction != nil {
				t.Errorf("got %+v, %v", n, err)
			}
		}
	}
	for name, resource := range map[string]string{
		"under way":   strings.Replace(transferFinished, "SUCCESS", "TRANSFERING", 1),
		"no amount":   strings.Replace(transferFinished, "4000", "0", 1),
		"no openid":   strings.Replace(transferFinished, "openid-1", "", 1),
		"no merchant": strings.Replace(transferFinished, "mch_id", "x", 1),
		"a refund":    goodRefund,
		"not JSON":    "x",
	} {
		if _, err := open("mch_payment", resource); !errors.Is(err, wx.ErrNotificationMalformed) || strings.Contains(err.Error(), "openid-1") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := open("transaction", transferFinished); !errors.Is(err, wx.ErrNotificationMalformed) {
		t.Errorf("another type: got %v", err)
	}
}
