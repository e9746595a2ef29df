package applyment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

func TestAnApplicationFromBeginToEnd(t *testing.T) {
	w := newWorld(t)
	a, err := w.submit("code_1", "茶", "")
	a = w.must(a, err, model.ApplymentAuditing)
	if a.ApplymentID == 0 || a.ID != provider+":code_1" {
		t.Errorf("%+v", a)
	}
	for _, state := range []wx.ApplymentState{wx.ApplymentToBeConfirmed, wx.ApplymentToBeSigned, wx.ApplymentSigning, wx.ApplymentFinished} {
		w.office.says("code_1", state)
		w.at = w.at.Add(2 * time.Minute)
		w.sweep()
		w.stands("code_1", states[state])
	}
	a = w.stands("code_1", model.ApplymentFinished)
	v := ViewOf(a)
	if !a.CheckAt.IsZero() || v.SubMerchantID != "1900000999" || !strings.Contains(v.NextStep, `{id: "1900000999"}`) || v.ApplymentID != "1" {
		t.Errorf("%+v", v)
	}
	var told []string
	for _, e := range a.Outbox {
		var v ApplymentView
		if err := json.Unmarshal(e.Data, &v); err != nil || e.Type != model.EventApplymentChanged || e.Subject != "code_1" {
			t.Errorf("%+v %v", e, err)
		}
		told = append(told, v.Status)
	}
	if got := strings.Join(told, " "); got != "auditing to_be_confirmed to_be_signed signing finished" {
		t.Errorf("told %s", got)
	}
	if _, err := w.submit("code_1", "茶", ""); model.CodeOf(err) != "applyment_under_way" {
		t.Errorf("a finished one again: %v", err)
	}
	if kept := fmt.Sprintf("%+v", w.store.all); strings.Contains(kept, "张三丰") || strings.Contains(kept, "6222020000000000001") {
		t.Errorf("the store keeps what was submitted: %s", kept)
	}
}

func TestARejectedOneIsSubmittedAgain(t *testing.T) {
	w := newWorld(t)
	a, err := w.submit("code_1", "茶", "k1")
	first := w.must(a, err, model.ApplymentAuditing)
	w.office.says("code_1", wx.ApplymentRejected)
	a, err = w.Find(context.Background(), provider, "code_1", true)
	a = w.must(a, err, model.ApplymentRejected)
	if len(a.Rejections) != 1 || a.Rejections[0].Reason != "不清晰" || !a.CheckAt.IsZero() {
		t.Errorf("%+v", a)
	}
	// The request that was rejected, once more, is answered with what became of it.
	a, err = w.submit("code_1", "茶", "k1")
	w.must(a, err, model.ApplymentRejected)
	a, err = w.submit("code_1", "好茶", "k2")
	a = w.must(a, err, model.ApplymentAuditing)
	if a.ApplymentID != first.ApplymentID || len(a.Rejections) != 0 || w.office.taken["code_1"] != 2 || w.office.shops["code_1"] != "好茶" || a.ShortName != "好茶" {
		t.Errorf("%+v, taken %v", a, w.office.taken)
	}
}

func TestKeysOfApplications(t *testing.T) {
	w := newWorld(t)
	a, err := w.submit("", "茶", "k1")
	first := w.must(a, err, model.ApplymentAuditing)
	if !strings.HasPrefix(first.BusinessCode, provider+"_") {
		t.Errorf("%+v", first)
	}
	a, err = w.submit("", "茶", "k1")
	if again := w.must(a, err, model.ApplymentAuditing); again.ID != first.ID || w.office.taken[first.BusinessCode] != 1 {
		t.Errorf("%+v", again)
	}
	if _, err := w.submit("", "水", "k1"); model.CodeOf(err) != "idempotency_conflict" {
		t.Errorf("another body: %v", err)
	}
	other := form("", "茶")
	other.BankAccountInfo.AccountNumber = "6222020000000000002"
	if _, err := w.Submit(context.Background(), provider, other, pay.IdempotencyKey{Scope: "key:shop", Key: "k1"}); model.CodeOf(err) != "idempotency_conflict" {
		t.Errorf("another account: %v", err)
	}
	a, err = w.submit("", "茶", "k2")
	if b := w.must(a, err, model.ApplymentAuditing); b.ID == first.ID {
		t.Error("another key made the same application")
	}
	for code, want := range map[string]string{"a-b": "invalid_input", strings.Repeat("a", 125): "invalid_input"} {
		if _, err := w.submit(code, "茶", ""); model.CodeOf(err) != want {
			t.Errorf("%.10s: %v", code, err)
		}
	}
	if _, err := w.Submit(context.Background(), "1900000001", form("a", "茶"), pay.IdempotencyKey{}); model.CodeOf(err) != "invalid_input" {
		t.Errorf("a direct merchant: %v", err)
	}
}

// TestLostAnswers: whether WeChat Pay has it or not, it is one application in the end.
func TestLostAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		reached bool
		err     error
	}{
		"it came through, silence":      {true, wx.ErrTimeout},
		"it came through, a bad answer": {true, wx.ErrForged},
		"it did not come through":       {false, wx.ErrTimeout},
		"WeChat Pay is busy":            {false, wx.ErrBusy},
		"WeChat Pay asks to slow down":  {false, wx.ErrRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			once := func() error {
				w.office.before, w.office.after = nil, nil
				return c.err
			}
			if c.reached {
				w.office.after = once
			} else {
				w.office.before = once
			}
			a, err := w.submit("code_1", "茶", "k1")
			w.must(a, err, model.ApplymentCreated)
			w.at = w.at.Add(time.Minute)
			w.sweep()
			if c.reached {
				w.stands("code_1", model.ApplymentAuditing)
			} else {
				w.stands("code_1", model.ApplymentCreated) // it may be on its way
				w.at = w.at.Add(neverLater)
				w.sweep()
				if a := w.stands("code_1", model.ApplymentUnsubmitted); len(a.Outbox) != 1 || a.LastError == "" || !a.CheckAt.IsZero() {
					t.Errorf("%+v", a)
				}
			}
			a, err = w.submit("code_1", "茶", "k1")
			w.must(a, err, model.ApplymentAuditing)
			if w.office.taken["code_1"] != 1 || len(w.office.known) != 1 {
				t.Errorf("taken %v", w.office.taken)
			}
		})
	}
}

// TestTheRetryComesAtOnce: the first answer is lost, and the caller asks again before any sweep.
func TestTheRetryComesAtOnce(t *testing.T) {
	for _, key := range []string{"", "k1"} {
		for _, reached := range []bool{true, false} {
			w := newWorld(t)
			lost := func() error { return wx.ErrTimeout }
			if reached {
				w.office.after = lost
			} else {
				w.office.before = lost
			}
			a, err := w.submit("code_1", "茶", key)
			w.must(a, err, model.ApplymentCreated)
			w.office.before, w.office.after = nil, nil
			a, err = w.submit("code_1", "茶", key)
			if reached && key == "" {
				if model.CodeOf(err) != "applyment_under_way" {
					t.Errorf("without a key: %v", err)
				}
				a, err = w.Find(context.Background(), provider, "code_1", false)
			}
			w.must(a, err, model.ApplymentAuditing)
			if w.office.taken["code_1"] != 1 {
				t.Errorf("key %q, reached %v: taken %v", key, reached, w.office.taken)
			}
		}
	}
}

func TestRefusalsOfWeChatPay(t *testing.T) {
	refuse := func() error {
		return wx.Refused(wx.ErrRejected, model.Upstream{Service: "wechat_pay", Code: "PARAM_ERROR", Message: "开户银行取值有误"})
	}
	w := newWorld(t)
	w.office.before = refuse
	a, err := w.submit("code_1", "茶", "k1")
	if !errors.Is(err, wx.ErrRejected) || a.Status != model.ApplymentUnsubmitted || a.LastError != "PARAM_ERROR: 开户银行取值有误" {
		t.Errorf("a new one: %+v, %v", a, err)
	}
	w.office.before = nil
	a, err = w.submit("code_1", "茶", "k2")
	if a = w.must(a, err, model.ApplymentAuditing); a.LastError != "" {
		t.Errorf("%+v", a)
	}
	w.office.says("code_1", wx.ApplymentRejected)
	w.at = w.at.Add(time.Minute)
	w.sweep()
	w.office.before = refuse
	if _, err = w.submit("code_1", "好茶", "k3"); !errors.Is(err, wx.ErrRejected) {
		t.Errorf("a rejected one: %v", err)
	}
	if a := w.stands("code_1", model.ApplymentRejected); len(a.Rejections) != 1 || a.LastError == "" {
		t.Errorf("%+v", a)
	}
	// Refused, and nobody can say whether it is there: it stays open.
	w.office.silent = wx.ErrTimeout
	if _, err = w.submit("code_1", "好茶", "k4"); !errors.Is(err, wx.ErrBusy) {
		t.Errorf("silence: %v", err)
	}
	w.stands("code_1", model.ApplymentCreated)
}

// TestOldNewsOfARejectedOne: what WeChat Pay said before the submission does not end it.
func TestOldNewsOfARejectedOne(t *testing.T) {
	w := newWorld(t)
	_, _ = w.submit("code_1", "茶", "")
	w.office.says("code_1", wx.ApplymentRejected)
	rejected, err := w.Find(context.Background(), provider, "code_1", true)
	w.must(rejected, err, model.ApplymentRejected)
	w.office.before = func() error { return wx.ErrTimeout } // on its way, very slowly
	a, err := w.submit("code_1", "好茶", "")
	w.must(a, err, model.ApplymentCreated)
	w.at = w.at.Add(time.Minute)
	w.sweep()
	w.stands("code_1", model.ApplymentCreated)
	old := wx.ApplymentStatement{BusinessCode: "code_1", ApplymentID: rejected.ApplymentID, State: wx.ApplymentRejected}
	if a, err := w.settle(context.Background(), rejected, old); err != nil || a.Status != model.ApplymentCreated {
		t.Errorf("an answer from before: %s, %v", a.Status, err)
	}
	w.at = w.at.Add(neverLater)
	w.sweep()
	w.stands("code_1", model.ApplymentRejected)
}

func TestStatementsThatDoNotMatch(t *testing.T) {
	w := newWorld(t)
	_, _ = w.submit("code_1", "茶", "")
	w.office.known["code_1"].ApplymentID = 77
	if _, err := w.Find(context.Background(), provider, "code_1", true); !errors.Is(err, wx.ErrRejected) {
		t.Errorf("another number: %v", err)
	}
	w.office.known["code_1"].BusinessCode = "code_2"
	if _, err := w.Find(context.Background(), provider, "code_1", true); !errors.Is(err, wx.ErrRejected) {
		t.Errorf("another code: %v", err)
	}
	for _, code := range []string{"code_9", "a-b", ""} {
		if _, err := w.Find(context.Background(), provider, code, true); model.CodeOf(err) != "applyment_not_found" {
			t.Errorf("%q: %v", code, err)
		}
	}
}
