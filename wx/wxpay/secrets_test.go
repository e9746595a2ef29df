package wxpay

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"wxhub/wx"
)

// Whatever goes wrong, no error holds a key, a signature, or the text of a message
// (FIELD-NOTES X9).
func TestErrorsHoldNoSecret(t *testing.T) {
	ctx := context.Background()
	secrets := []string{
		testAPIv3Key, keys().merchant.D.String(), keys().merchant.D.Text(16), base64.StdEncoding.EncodeToString(keys().merchant.D.Bytes())[:40],
		"openid-1", "table 4", "WECHATPAY2-SHA256-RSA2048", "PRIVATE KEY", "CERTIFICATE-----",
	}
	clean := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: went well", what)
		}
		for _, text := range []string{fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s: an error holds %.20q: %s", what, secret, text)
				}
			}
		}
	}
	var signature string
	spoils := map[string]func(request, *signed) bool{
		"broken off": func(request, *signed) bool { return true },
		"refused": func(_ request, a *signed) bool {
			a.status, a.body = 401, []byte(`{"code":"SIGN_ERROR","message":"签名错误","detail":{"sign_information":{"truncated_sign_message":"POST\n/v3 `+testAPIv3Key+`"}}}`)
			return false
		},
		"an edge's page": func(_ request, a *signed) bool {
			a.status, a.body = 502, []byte("<html>"+testAPIv3Key+"</html>")
			return false
		},
		"wrongly signed": func(_ request, a *signed) bool {
			signature = a.header["Wechatpay-Signature"]
			a.body = append(a.body, ' ')
			return false
		},
		"not JSON": func(_ request, a *signed) bool {
			a.body = []byte("openid-1 " + testAPIv3Key)
			return false
		},
	}
	for name, spoil := range spoils {
		for _, withKey := range []bool{true, false} {
			p := newPlatform(t)
			p.list(oldSerial, begin.Add(-day), begin.Add(day))
			p.answer, p.spoil = answers, spoil
			m := merchantOf(directID, withKey)
			g := p.gateway(m)
			_, prepay := g.Prepay(ctx, prepayOf(directTrade, wx.ChannelJSAPI, ""))
			_, query := g.Query(ctx, directTrade)
			_, refund := g.Refund(ctx, refundOfTrade(directTrade))
			_, state := g.QueryRefund(ctx, directTrade, "r-1")
			for i, err := range []error{prepay, query, g.Close(ctx, directTrade), refund, state} {
				clean(fmt.Sprintf("%s, call %d", name, i), err)
				if signature != "" && strings.Contains(err.Error(), signature) {
					t.Errorf("%s: an error holds the signature", name)
				}
			}
			if shown := fmt.Sprintf("%+v %v", m, m); strings.Contains(shown, testAPIv3Key) || strings.Contains(shown, keys().merchant.D.String()) {
				t.Errorf("a printed merchant shows its keys: %s", shown)
			}
		}
	}
	p := newPlatform(t)
	g := p.gateway(merchantOf(directID, true))
	for _, body := range [][]byte{
		notice(t, "TRANSACTION.SUCCESS", "transaction", `{"payer":{"openid":"openid-1"},"attach":"table 4"}`),
		notice(t, "TRANSACTION.SUCCESS", "transaction", `{"amount":{"total":"openid-1"}}`),
		notice(t, "REFUND.SUCCESS", "refund", `{"refund_status":"openid-1"}`),
		notification("REFUND.SUCCESS", "refund", "AEAD_AES_256_GCM", testAPIv3Key, "", "AAAA"),
		[]byte(`{"id":"openid-1"`),
	} {
		_, err := g.Open(ctx, directID, p.notify(keyID, body), body)
		clean("notification", err)
		_, err = g.Open(ctx, directID, p.notify(keyID, append(body, ' ')), body)
		clean("forged notification", err)
		_, err = g.Open(ctx, directID, renamed(p.notify(keyID, body), "Wechatpay-Serial", strings.Repeat("A", 9999)), body)
		if clean("long serial", err); len(err.Error()) > 300 {
			t.Errorf("the sender fills the log: %d bytes", len(err.Error()))
		}
	}
}
