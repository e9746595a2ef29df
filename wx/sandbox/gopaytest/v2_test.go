package gopaytest

import (
	"testing"
	"time"

	"github.com/go-pay/gopay"
	"github.com/go-pay/gopay/wechat"

	"wxhub/wx/sandbox"
)

// TestAPIv2 does every call of APIv2 with gopay's older client, in both kinds of signature.
func TestAPIv2(t *testing.T) {
	for _, kind := range []string{wechat.SignType_MD5, wechat.SignType_HMAC_SHA256} {
		t.Run(kind, func(t *testing.T) { everyCallOfV2(t, kind) })
	}
}

func everyCallOfV2(t *testing.T, kind string) {
	s := newStage(t, false)
	client := wechat.NewClient(sandbox.DefaultMiniProgram, s.merchant.ID, s.merchant.APIv2Key, true)
	client.BaseURL = s.url
	verify := func(answer any) {
		t.Helper()
		if ok, err := wechat.VerifySign(s.merchant.APIv2Key, kind, answer); !ok || err != nil {
			t.Errorf("the signature of %+v: %v %v", answer, ok, err)
		}
	}
	body := func() gopay.BodyMap { return gopay.BodyMap{}.Set("nonce_str", "n1").Set("sign_type", kind) }
	show := func(outcome string) string {
		code, err := s.platform.PayCode(s.payer.ID, outcome)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	charge := func(number, code string) *wechat.MicropayResponse {
		answer, err := client.Micropay(background, body().Set("body", "tea & 茶").Set("out_trade_no", number).Set("total_fee", 88).
			Set("spbill_create_ip", "192.0.2.1").Set("auth_code", code).Set("attach", "a<b"))
		if err != nil {
			t.Fatal(err)
		}
		verify(answer)
		return answer
	}
	code := show("")
	whose, err := client.AuthCodeToOpenId(background, body().Set("auth_code", code))
	if err != nil || whose.Openid != s.payer.OpenIDs[sandbox.DefaultMiniProgram] {
		t.Fatalf("%+v %v", whose, err)
	}
	verify(whose)
	if got := charge("gopay-v2-1", code); got.ResultCode != "SUCCESS" || got.TradeType != "MICROPAY" || got.TotalFee != "88" || got.Attach != "a<b" {
		t.Errorf("%+v", got)
	}
	if got := charge("gopay-v2-2", show(sandbox.CodePassword)); got.ResultCode != "FAIL" || got.ErrCode != "USERPAYING" {
		t.Errorf("%+v", got)
	}
	query := func(number string) string {
		answer, _, err := client.QueryOrder(background, body().Set("out_trade_no", number))
		if err != nil {
			t.Fatal(err)
		}
		verify(answer)
		return answer.TradeState
	}
	if paid, waiting := query("gopay-v2-1"), query("gopay-v2-2"); paid != "SUCCESS" || waiting != "USERPAYING" {
		t.Error(paid, waiting)
	}
	if _, err := s.platform.AdvanceClock(15 * time.Second); err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{"gopay-v2-1", "gopay-v2-2"} {
		answer, err := client.Reverse(background, body().Set("out_trade_no", number))
		if err != nil || answer.ResultCode != "SUCCESS" || answer.Recall != "N" {
			t.Fatalf("%+v %v", answer, err)
		}
		verify(answer)
		if got := query(number); got != "REVOKED" {
			t.Errorf("%s: %s", number, got)
		}
	}
}
