package sandbox_test

import (
	"encoding/json"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestLedgerHoldsAllMoneyThatMoved(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	s.placed("native", true, s.number()) // unpaid: no money
	number, transaction := s.paidOrderOf100()
	s.refund(number, "refund-1", 40)
	s.advance(time.Minute)
	if err := s.platform.SetRefundOutcome("", sandbox.RefundClosed); err != nil {
		t.Fatal(err)
	}
	s.refund(number, "refund-2", 60)
	s.advance(time.Minute)
	var ledger sandbox.Ledger
	if err := json.Unmarshal(s.control("GET", "/ledger", "").body, &ledger); err != nil {
		t.Fatal(err)
	}
	if len(ledger.Payments) != 1 || len(ledger.Refunds) != 2 {
		t.Fatalf("%+v", ledger)
	}
	p := ledger.Payments[0]
	if p.MchID != sandbox.DefaultPartner || p.SubMchID != sandbox.DefaultSubMerchant || p.OutTradeNo != number || p.TransactionID != transaction ||
		p.Total != 100 || p.Refunded != 40 || p.State != "REFUND" || p.TradeType != "JSAPI" || p.PaidAt.IsZero() {
		t.Errorf("%+v", p)
	}
	for i, want := range []string{"SUCCESS", "CLOSED"} {
		if r := ledger.Refunds[i]; r.Status != want || r.SubMchID != sandbox.DefaultSubMerchant || r.Ended.IsZero() || r.TransactionID != transaction {
			t.Errorf("%+v", r)
		}
	}
	s.platform.Reset()
	if l := s.platform.Ledger(); len(l.Payments)+len(l.Refunds) != 0 {
		t.Errorf("%+v", l)
	}
}
