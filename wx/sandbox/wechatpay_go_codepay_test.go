package sandbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"

	"wxhub/wx/sandbox"
)

// The SDK has no service for payment codes; its core signs the calls and verifies the answers.
func TestOfficialSDKChargesAndReverses(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	client, number := s.officialSDK(), s.number()
	const host = "https://api.mch.weixin.qq.com"
	post := func(path, body string) (int, string) {
		t.Helper()
		got, err := client.Post(context.Background(), host+path, json.RawMessage(body))
		if err != nil {
			t.Fatal(err)
		}
		defer got.Response.Body.Close()
		text, err := io.ReadAll(got.Response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return got.Response.StatusCode, string(text)
	}
	status, body := post(codePayURI, s.chargeBody(number, s.showCode("")))
	var paid payments.Transaction
	if err := json.Unmarshal([]byte(body), &paid); err != nil || status != http.StatusOK || *paid.TradeState != "SUCCESS" || *paid.Payer.Openid != s.payer.OpenIDs[sandbox.DefaultMiniProgram] {
		t.Fatalf("%d %s %v", status, body, err)
	}
	if status, body := post(codePayURI, s.chargeBody(s.number(), s.showCode(sandbox.CodePassword))); status != http.StatusAccepted || !strings.Contains(body, "USERPAYING") {
		t.Errorf("%d %s", status, body)
	}
	s.advance(15 * time.Second)
	who := `{"appid":"` + sandbox.DefaultMiniProgram + `","mchid":"` + s.merchant.ID + `"}`
	if status, body := post("/v3/pay/transactions/out-trade-no/"+number+"/reverse", who); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}
