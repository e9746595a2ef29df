package sandbox_test

import (
	"crypto/rsa"
	"net/http"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

const profitPath = "/v3/profitsharing"

// profitStages are a direct merchant and a service provider.
func profitStages(t *testing.T, o sandbox.Options, do func(*stage)) {
	for i, name := range []string{"direct", "partner"} {
		t.Run(name, func(t *testing.T) { do(newStageFor(t, o, 2*i)) })
	}
}

func (s *stage) partner() bool { return s.merchant.Mode == sandbox.ModePartner }

// ownApp is the app that the stage's merchant names in profit sharing.
func (s *stage) ownApp() string {
	if s.partner() {
		return sandbox.DefaultPartnerAccount
	}
	return sandbox.DefaultMiniProgram
}

// owner is whose money the stage's payments are.
func (s *stage) owner() string {
	if s.partner() {
		return sandbox.DefaultSubMerchant
	}
	return s.merchant.ID
}

func (s *stage) person() string { return s.payer.OpenIDs[s.ownApp()] }

// paidToShare is a paid order of 10000 fen that can be shared now.
func (s *stage) paidToShare(edits ...func(map[string]any)) (transactionID string) {
	s.t.Helper()
	edits = append([]func(map[string]any){set("settle_info", map[string]any{"profit_sharing": true}), set("amount", map[string]any{"total": 10000})}, edits...)
	payment := s.pay(s.placed("jsapi", s.partner(), s.number(), edits...))
	s.advance(time.Minute)
	return payment.TransactionID
}

// profit posts a body to a profit-sharing call, with sub_mchid when it belongs there.
func (s *stage) profit(path string, body map[string]any, edits ...func(map[string]any)) response {
	s.t.Helper()
	if s.partner() {
		body["sub_mchid"] = sandbox.DefaultSubMerchant
	}
	for _, edit := range edits {
		edit(body)
	}
	r := s.request(http.MethodPost, profitPath+path, string(mustJSON(s.t, body)))
	serial, _ := s.sealing()
	r.Header.Set("Wechatpay-Serial", serial)
	return s.must(r)
}

// sealing is the key for sensitive fields and its name.
func (s *stage) sealing() (serial string, key *rsa.PublicKey) {
	s.t.Helper()
	if !s.partner() {
		return s.merchant.PublicKeyID, publicKey(s.t, s.merchant.PublicKeyPEM)
	}
	serials, keys := s.certificates()
	return serials[0], keys[serials[0]]
}

func (s *stage) sealed(text string) string {
	s.t.Helper()
	_, key := s.sealing()
	return sealed(s.t, key, text)
}

func (s *stage) receiverBody(kind, account string) map[string]any {
	s.t.Helper()
	return map[string]any{"appid": s.ownApp(), "type": kind, "account": account, "name": s.sealed("某某"), "relation_type": "PARTNER"}
}

// known lets the second merchant and the payer receive.
func (s *stage) known() {
	s.t.Helper()
	for kind, account := range map[string]string{"MERCHANT_ID": sandbox.DefaultSecondMerchant, "PERSONAL_OPENID": s.person()} {
		if got := s.profit("/receivers/add", s.receiverBody(kind, account)); got.status != 200 {
			s.t.Fatalf("%d %s", got.status, got.body)
		}
	}
}

func part(kind, account string, fen int) map[string]any {
	return map[string]any{"type": kind, "account": account, "amount": fen, "description": "分账"}
}

// sharing asks to share with the second merchant and the payer.
func (s *stage) sharing(transactionID, number string, edits ...func(map[string]any)) response {
	s.t.Helper()
	return s.profit("/orders", map[string]any{"appid": s.ownApp(), "transaction_id": transactionID, "out_order_no": number, "unfreeze_unsplit": false,
		"receivers": []any{part("MERCHANT_ID", sandbox.DefaultSecondMerchant, 2000), part("PERSONAL_OPENID", s.person(), 500)}}, edits...)
}

func parts(all ...map[string]any) func(map[string]any) {
	return set("receivers", append([]map[string]any{}, all...))
}

func (s *stage) unfreeze(transactionID, number string) response {
	s.t.Helper()
	return s.profit("/orders/unfreeze", map[string]any{"transaction_id": transactionID, "out_order_no": number, "description": "解冻"})
}

// asks gets a profit-sharing call, with sub_mchid when it belongs there.
func (s *stage) asks(uri string) response {
	s.t.Helper()
	if s.partner() {
		uri += "&sub_mchid=" + sandbox.DefaultSubMerchant
	}
	return s.v3(http.MethodGet, profitPath+uri, "")
}

// unsplit is empty when the platform refuses.
func (s *stage) unsplit(transactionID string) string {
	s.t.Helper()
	return s.v3(http.MethodGet, profitPath+"/transactions/"+transactionID+"/amounts", "").field("unsplit_amount")
}

// results are the parts' results and reasons by account.
func (s *stage) results(number string) map[string]string {
	s.t.Helper()
	out := map[string]string{}
	for _, x := range s.platform.Sharings() {
		if x.OutOrderNo == number {
			for _, p := range x.Parts {
				out[p.Account] = p.Result + p.FailReason
			}
		}
	}
	return out
}

func (s *stage) giveBack(number, returnNo string, fen int, edits ...func(map[string]any)) response {
	s.t.Helper()
	return s.profit("/return-orders", map[string]any{"out_order_no": number, "out_return_no": returnNo, "return_mchid": sandbox.DefaultSecondMerchant,
		"amount": fen, "description": "退货"}, edits...)
}
