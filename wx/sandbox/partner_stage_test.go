package sandbox_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"testing"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

// Paths of the pay calls.
const (
	directRoot  = "/v3/pay/transactions/"
	partnerRoot = "/v3/pay/partner/transactions/"
	refundPath  = "/v3/refund/domestic/refunds"
)

// newPartnerStage is a stage of the service provider, in certificate mode.
func newPartnerStage(t testing.TB, o sandbox.Options) *stage {
	t.Helper()
	return newStageFor(t, o, 2)
}

// channelBody is the least good body of a prepay endpoint, changed by the given edits.
func (s *stage) channelBody(channel string, partner bool, number string, edits ...func(map[string]any)) string {
	s.t.Helper()
	body := map[string]any{
		"description": "一杯茶", "out_trade_no": number, "notify_url": "http://127.0.0.1:9/notify", "amount": map[string]any{"total": 100},
	}
	app, payer := sandbox.DefaultMiniProgram, "openid"
	if partner {
		app, payer = sandbox.DefaultPartnerAccount, "sp_openid"
	}
	if channel == "app" {
		app = sandbox.DefaultMobileApp
	}
	if partner {
		body["sp_mchid"], body["sp_appid"], body["sub_mchid"] = s.merchant.ID, app, sandbox.DefaultSubMerchant
	} else {
		body["mchid"], body["appid"] = s.merchant.ID, app
	}
	switch channel {
	case "jsapi":
		body["payer"] = map[string]any{payer: s.payer.OpenIDs[app]}
	case "h5":
		body["scene_info"] = map[string]any{"payer_client_ip": "14.23.150.211", "h5_info": map[string]any{"type": "Wap"}}
	}
	for _, edit := range edits {
		edit(body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func rootOf(partner bool) string {
	if partner {
		return partnerRoot
	}
	return directRoot
}

// placed prepays through a channel and returns what the phone needs.
func (s *stage) placed(channel string, partner bool, number string, edits ...func(map[string]any)) string {
	s.t.Helper()
	answer := s.v3(http.MethodPost, rootOf(partner)+channel, s.channelBody(channel, partner, number, edits...))
	if answer.status != http.StatusOK {
		s.t.Fatalf("%s: %d %s", channel, answer.status, answer.body)
	}
	return answer.field("prepay_id") + answer.field("code_url") + answer.field("h5_url")
}

// parties is the query string of the stage's merchant.
func (s *stage) parties() string {
	if s.merchant.Mode == sandbox.ModePartner {
		return "?sp_mchid=" + s.merchant.ID + "&sub_mchid=" + sandbox.DefaultSubMerchant
	}
	return "?mchid=" + s.merchant.ID
}

// certificates downloads and decrypts the platform certificates, oldest first.
func (s *stage) certificates() (serials []string, keys map[string]*rsa.PublicKey) {
	s.t.Helper()
	answer := s.v3(http.MethodGet, "/v3/certificates", "")
	var list struct {
		Data []struct {
			SerialNo    string `json:"serial_no"`
			Certificate struct {
				Nonce, Ciphertext string
				AssociatedData    string `json:"associated_data"`
			} `json:"encrypt_certificate"`
		}
	}
	if err := json.Unmarshal(answer.body, &list); err != nil || answer.status != http.StatusOK {
		s.t.Fatalf("%d %s %v", answer.status, answer.body, err)
	}
	keys = map[string]*rsa.PublicKey{}
	for _, item := range list.Data {
		text, err := apiv3.Open(s.merchant.APIv3Key, item.Certificate.Nonce, item.Certificate.AssociatedData, item.Certificate.Ciphertext)
		if err != nil {
			s.t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		parsed, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			s.t.Fatal(err)
		}
		serials = append(serials, item.SerialNo)
		keys[item.SerialNo] = parsed.PublicKey.(*rsa.PublicKey)
	}
	return serials, keys
}

// signedWith is the serial under which an answer or notification is rightly signed, or nothing.
func (s *stage) signedWith(header http.Header, body []byte, keys map[string]*rsa.PublicKey) string {
	s.t.Helper()
	serial := header.Get("Wechatpay-Serial")
	message := apiv3.ResponseMessage(header.Get("Wechatpay-Timestamp"), header.Get("Wechatpay-Nonce"), body)
	if key := keys[serial]; key != nil && apiv3.Verify(key, message, header.Get("Wechatpay-Signature")) == nil {
		return serial
	}
	return ""
}
