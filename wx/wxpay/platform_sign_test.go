package wxpay

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

func (p *platform) certificates() (int, string) {
	if len(p.listed) == 0 {
		return 404, `{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}`
	}
	var data []map[string]any
	for serial, cert := range p.listed {
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
		data = append(data, map[string]any{
			"serial_no": serial, "effective_time": cert.NotBefore.Format(time.RFC3339), "expire_time": cert.NotAfter.Format(time.RFC3339),
			"encrypt_certificate": map[string]string{
				"algorithm": "AEAD_AES_256_GCM", "nonce": "61f9c719728a", "associated_data": "certificate",
				"ciphertext": sealWith(p.t, p.sealKey, "61f9c719728a", "certificate", string(text)),
			},
		})
	}
	out, _ := json.Marshal(map[string]any{"data": data}) // strings marshal
	return 200, string(out)
}

// headers signs a body by the platform's clock.
func (p *platform) headers(serial string, body []byte) map[string]string {
	ts := strconv.FormatInt(p.clock.now().Unix(), 10)
	return map[string]string{
		"Wechatpay-Timestamp": ts, "Wechatpay-Nonce": "nonce", "Wechatpay-Serial": serial, "Request-ID": "08F1-0",
		"Wechatpay-Signature": sign(p.t, p.keys[serial], ts+"\nnonce\n"+string(body)+"\n"), "Content-Type": "application/json",
	}
}

// notify makes the headers of a notification.
func (p *platform) notify(serial string, body []byte) func(string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.headers(serial, body)
	return func(name string) string { return h[name] }
}

func sign(t testing.TB, key *rsa.PrivateKey, message string) string {
	t.Helper()
	signature, err := utils.SignSHA256WithRSA(message, key)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func signedBy(key *rsa.PublicKey, message, signature string) bool {
	raw, err := base64.StdEncoding.DecodeString(signature)
	hash := sha256.Sum256([]byte(message))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, hash[:], raw) == nil
}

// sameJSON compares two JSON texts, numbers by their digits.
func sameJSON(t testing.TB, what, got, want string) {
	t.Helper()
	var texts [2]string
	for i, raw := range []string{got, want} {
		var v any
		d := json.NewDecoder(bytes.NewReader([]byte(raw)))
		d.UseNumber()
		if err := d.Decode(&v); err != nil && raw != "" {
			t.Fatalf("%s: %v in %s", what, err, raw)
		}
		texts[i] = fmt.Sprint(v)
	}
	if texts[0] != texts[1] {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}
