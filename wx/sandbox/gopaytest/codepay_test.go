package gopaytest

import (
	"testing"
	"time"

	"github.com/go-pay/gopay"

	"wxhub/wx/sandbox"
)

func TestCodePayAndReverse(t *testing.T) {
	s := newStage(t, false)
	code, err := s.platform.PayCode(s.payer.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	bm := gopay.BodyMap{}
	bm.Set("appid", sandbox.DefaultMiniProgram).Set("description", "tea").Set("out_trade_no", "gopay-code-1")
	bm.SetBodyMap("amount", func(bm gopay.BodyMap) { bm.Set("total", 88) })
	bm.SetBodyMap("payer", func(bm gopay.BodyMap) { bm.Set("auth_code", code) })
	paid, err := s.client.V3TransactionCodePay(background, bm)
	if err != nil || paid.Code != 0 || paid.Response.TradeState != "SUCCESS" || paid.Response.TradeType != "MICROPAY" {
		t.Fatalf("%+v %v", paid, err)
	}
	if _, err := s.platform.AdvanceClock(15 * time.Second); err != nil {
		t.Fatal(err)
	}
	back, err := s.client.V3TransactionCodePayReverse(background, "gopay-code-1", gopay.BodyMap{"appid": sandbox.DefaultMiniProgram})
	if err != nil || back.Code != 0 || back.Response.OutTradeNo != "gopay-code-1" {
		t.Fatalf("%+v %v", back, err)
	}
}
