package wxpay

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/wx"
)

const testAPIv3Key = "0123456789abcdef0123456789abcdef"

// signer plays WeChat Pay: it signs whatever it is given, so that the checks behind
// the signature can be tried one by one.
type signer struct {
	gateway *Gateway
	key     *rsa.PrivateKey
}

func newSigner(t testing.TB) signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	v := headerVector{Key: testAPIv3Key, Headers: map[string]string{"Wechatpay-Serial": "PUB_KEY_ID_1"}}
	return signer{gatewayOf(v, &key.PublicKey, time.Now()), key}
}

func (s signer) open(body []byte) (wx.Notification, error) {
	ts := strconv.FormatInt(s.gateway.now().Unix(), 10)
	signature, err := utils.SignSHA256WithRSA(ts+"\nnonce\n"+string(body)+"\n", s.key)
	if err != nil {
		return wx.Notification{}, err
	}
	headers := map[string]string{
		"Wechatpay-Timestamp": ts, "Wechatpay-Nonce": "nonce", "Wechatpay-Serial": "PUB_KEY_ID_1", "Wechatpay-Signature": signature,
	}
	return s.gateway.Open(context.Background(), "1900007291", func(n string) string { return headers[n] }, body)
}

// seal encrypts a resource the way WeChat Pay does.
func seal(t testing.TB, nonce, associated, plain string) string {
	t.Helper()
	return sealWith(t, testAPIv3Key, nonce, associated, plain)
}

func sealWith(t testing.TB, key, nonce, associated, plain string) string {
	t.Helper()
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(gcm.Seal(nil, []byte(nonce), []byte(plain), []byte(associated)))
}

func notification(event, original, algorithm, nonce, associated, ciphertext string) []byte {
	var e envelope
	e.ID, e.EventType, e.ResourceType = "id", event, "encrypt-resource"
	e.Resource.OriginalType, e.Resource.Algorithm = original, algorithm
	e.Resource.Nonce, e.Resource.AssociatedData, e.Resource.Ciphertext = nonce, associated, ciphertext
	out, _ := json.Marshal(e) // strings marshal
	return out
}
