package sandbox_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// abnormal is a refund that did not reach the payer.
func (s *stage) abnormal(refundNo, notifyURL string) (refundID string) {
	s.t.Helper()
	number, _ := s.paidOrderOf100()
	if err := s.platform.SetRefundOutcome(refundNo, sandbox.RefundAbnormal); err != nil {
		s.t.Fatal(err)
	}
	id := s.refund(number, refundNo, 100, set("notify_url", notifyURL)).field("refund_id")
	s.advance(5 * time.Second)
	return id
}

func (s *stage) redo(refundID, serial string, body map[string]any) response {
	s.t.Helper()
	if s.merchant.Mode == sandbox.ModePartner {
		body["sub_mchid"] = sandbox.DefaultSubMerchant
	}
	request := s.request(http.MethodPost, refundPath+"/"+refundID+"/apply-abnormal-refund", string(mustJSON(s.t, body)))
	if serial != "" {
		request.Header.Set("Wechatpay-Serial", serial)
	}
	return s.must(request)
}

func sealed(t testing.TB, key *rsa.PublicKey, text string) string {
	t.Helper()
	out, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, key, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out)
}

func TestAbnormalRefundGoesToABankAccount(t *testing.T) {
	for i := range 2 {
		s, r := newStageFor(t, sandbox.Options{}, 2*i), newReceiver(t, 204)
		serial, key := s.merchant.PublicKeyID, (*rsa.PublicKey)(nil)
		if i == 0 {
			key = publicKey(t, s.merchant.PublicKeyPEM)
		} else {
			serials, keys := s.certificates()
			serial, key = serials[0], keys[serials[0]]
		}
		card := map[string]any{"out_refund_no": "refund-1", "type": "USER_BANK_CARD", "bank_type": "ICBC_DEBIT",
			"bank_account": sealed(t, key, "6222000000000000"), "real_name": sealed(t, key, "张三")}
		id := s.abnormal("refund-1", r.url)
		r.wait(t, 1)
		first := s.redo(id, serial, card)
		if first.status != 200 || first.field("status") != "PROCESSING" || first.field("channel") != "OTHER_BANKCARD" {
			t.Fatalf("%d %s", first.status, first.body)
		}
		if again := s.redo(id, serial, card); again.status != 200 || again.field("status") != "PROCESSING" {
			t.Errorf("%d %s", again.status, again.body)
		}
		s.advance(5 * time.Second)
		if got := s.refundQuery("refund-1"); got.field("status") != "SUCCESS" {
			t.Errorf("%s", got.body)
		}
		got := r.wait(t, 2)
		if a, b := s.mustOpen(got[0]).EventType, s.mustOpen(got[1]).EventType; a != "REFUND.ABNORMAL" || b != "REFUND.SUCCESS" {
			t.Errorf("%s, %s", a, b)
		}
		if late := s.redo(id, serial, card); late.status != 400 || late.code() != "INVALID_REQUEST" {
			t.Errorf("%d %s", late.status, late.body)
		}
	}
}

func TestAbnormalRefundRefusesBadBodies(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	key, serial := publicKey(t, s.merchant.PublicKeyPEM), s.merchant.PublicKeyID
	id := s.abnormal("refund-1", "https://shop.example.com/n")
	for name, test := range map[string]struct {
		id, serial string
		edit       func(map[string]any)
		status     int
	}{
		"no type":        {id, serial, unset("type"), 400},
		"unknown type":   {id, serial, set("type", "CASH"), 400},
		"extra field":    {id, serial, set("appid", "x"), 400},
		"no account":     {id, serial, unset("bank_account"), 400},
		"in plain":       {id, serial, set("bank_account", "6222000000000000"), 400},
		"no serial":      {id, "", func(map[string]any) {}, 400},
		"unknown serial": {id, "PUB_KEY_ID_1", func(map[string]any) {}, 400},
		"another refund": {"50300", serial, func(map[string]any) {}, 404},
		"unknown number": {id, serial, set("out_refund_no", "unknown"), 404},
	} {
		body := map[string]any{"out_refund_no": "refund-1", "type": "USER_BANK_CARD", "bank_type": "ICBC_DEBIT",
			"bank_account": sealed(t, key, "6222000000000000"), "real_name": sealed(t, key, "张三")}
		test.edit(body)
		if answer := s.redo(test.id, test.serial, body); answer.status != test.status {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	plain := map[string]any{"out_refund_no": "refund-1", "type": "MERCHANT_BANK_CARD"}
	if answer := s.redo(id, "", plain); answer.status != 200 || answer.field("user_received_account") != "商户结算银行账户" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}
