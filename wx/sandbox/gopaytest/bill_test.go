package gopaytest

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/go-pay/gopay"

	"wxhub/wx/sandbox"
)

func TestBillsOfBothKindsOfMerchants(t *testing.T) {
	for _, partner := range []bool{false, true} {
		s := newStage(t, partner)
		given, err := s.prepays(partner)["NATIVE"](s.order("billed-1"))
		if err != nil {
			t.Fatal(err)
		}
		payment := s.pay(given)
		s.notice()
		day := payment.PaidAt.In(time.FixedZone("CST", 8*60*60)).Format(time.DateOnly)
		body := func() gopay.BodyMap { return gopay.BodyMap{"bill_date": day} }
		early, err := s.client.V3BillTradeBill(background, body())
		if err != nil || early.ErrResponse.Code != "STATEMENT_CREATING" {
			t.Errorf("%+v %v", early, err)
		}
		if _, err := s.platform.AdvanceClock(34 * time.Hour); err != nil {
			t.Fatal(err)
		}
		bill := body()
		special := "`0,"
		if partner {
			bill.Set("sub_mchid", sandbox.DefaultSubMerchant)
			special = "`" + sandbox.DefaultSubMerchant + ","
		}
		asked, err := s.client.V3BillTradeBill(background, bill)
		if err != nil || asked.Code != 0 || asked.Response.HashType != "SHA1" {
			t.Fatalf("%+v %v", asked, err)
		}
		text, err := s.client.V3BillDownLoadBill(background, asked.Response.DownloadUrl)
		sum := sha1.Sum(text)
		if err != nil || hex.EncodeToString(sum[:]) != asked.Response.HashValue || !strings.Contains(string(text), "`"+payment.TransactionID+",`billed-1,") || !strings.Contains(string(text), special) {
			t.Errorf("%s %v", text, err)
		}
		flow, err := s.client.V3BillFundFlowBill(background, body())
		if err != nil || (flow.ErrResponse.Code == "NO_STATEMENT_EXIST") != partner {
			t.Errorf("%+v %v", flow, err)
		}
	}
}
