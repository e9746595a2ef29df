package wxpay

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/model"
	"wxhub/wx"
)

// vector is one known answer; testdata/vectors.json names the source of each.
type vector struct {
	Name     string          `json:"name"`
	Inputs   json.RawMessage `json:"inputs"`
	Expected json.RawMessage `json:"expected"`
}

// load reads one vector into in and want. A name that is gone fails the test.
func load(t *testing.T, name string, in, want any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Name != name {
			continue
		}
		if err := errors.Join(json.Unmarshal(v.Inputs, in), json.Unmarshal(v.Expected, want)); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("there is no vector %q", name)
}

func docKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	var pem string
	load(t, "v3-doc-sample-private-key", &struct{}{}, &pem)
	key, err := utils.LoadPrivateKey(pem)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func platformKey(t *testing.T) *rsa.PublicKey {
	t.Helper()
	var in struct {
		PEM string `json:"platform_certificate_pem"`
	}
	load(t, "v3-notification-verify-and-decrypt", &in, &struct{}{})
	cert, err := utils.LoadCertificate(in.PEM)
	if err != nil {
		t.Fatal(err)
	}
	return cert.PublicKey.(*rsa.PublicKey)
}

func TestVectorRequestSignatures(t *testing.T) {
	for _, name := range []string{"v3-request-sign-jsapi-post", "v3-request-sign-get-certificates (derived)"} {
		var in struct{ Message string }
		var want struct{ Signature string }
		load(t, name, &in, &want)
		got, err := utils.SignSHA256WithRSA(in.Message, docKey(t))
		if err != nil || got != want.Signature {
			t.Errorf("%s: signature differs (%v)", name, err)
		}
	}
	var in struct {
		Key     string `json:"private_key_pem"`
		Message string
	}
	var want struct{ Signature string }
	load(t, "wechatpay-go-SignSHA256WithRSA", &in, &want)
	key, err := utils.LoadPrivateKey(in.Key)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := utils.SignSHA256WithRSA(in.Message, key); err != nil || got != want.Signature {
		t.Errorf("wechatpay-go's own signature differs (%v)", err)
	}
	if !key.PublicKey.Equal(platformKey(t)) {
		t.Error("platform-test-keypair: the key and the certificate do not belong together")
	}
}

func TestVectorInvoke(t *testing.T) {
	var in struct {
		AppID     string `json:"appId"`
		TimeStamp string `json:"timeStamp"`
		NonceStr  string `json:"nonceStr"`
		Package   string `json:"package"`
	}
	var want struct {
		PaySign  string `json:"paySign"`
		SignType string `json:"signType"`
	}
	load(t, "v3-jsapi-miniprogram-paySign", &in, &want)
	seconds, err := strconv.ParseInt(in.TimeStamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	got, err := signInvoke(docKey(t), in.AppID, in.Package[len("prepay_id="):], time.Unix(seconds, 0), in.NonceStr)
	if err != nil {
		t.Fatal(err)
	}
	expected := wx.Invoke{AppID: in.AppID, TimeStamp: in.TimeStamp, NonceStr: in.NonceStr, Package: in.Package, SignType: want.SignType, PaySign: want.PaySign}
	if got != expected {
		t.Errorf("got %+v", got)
	}
}

func TestVectorDecrypt(t *testing.T) {
	for _, name := range []string{"aead-aes-256-gcm-java-sdk", "aead-gcm-wechatpay-go-16byte-key"} {
		var in struct {
			Key        model.Secret `json:"api_v3_key"`
			Nonce      string       `json:"nonce"`
			Associated string       `json:"associated_data"`
			Ciphertext string       `json:"ciphertext"`
		}
		var want struct{ Plaintext string }
		load(t, name, &in, &want)
		got, err := decrypt(in.Key, "AEAD_AES_256_GCM", in.Associated, in.Nonce, in.Ciphertext)
		if err != nil || string(got) != want.Plaintext {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// headerVector is a notification or an answer as it came over the wire.
type headerVector struct {
	Key       model.Secret      `json:"api_v3_key"`
	PublicKey string            `json:"public_key_spki_base64"`
	Headers   map[string]string `json:"headers"`
	Body      string            `json:"body"`
}

func (v headerVector) get(name string) string { return v.Headers[name] }

func (v headerVector) at(t *testing.T) time.Time {
	t.Helper()
	seconds, err := strconv.ParseInt(v.Headers["Wechatpay-Timestamp"], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(seconds, 0)
}

// gatewayOf makes a gateway for one merchant that holds the vector's keys and calls nobody.
func gatewayOf(v headerVector, key *rsa.PublicKey, now time.Time) *Gateway {
	m := Merchant{ID: "1900007291", APIv3Key: v.Key, PublicKeyID: v.Headers["Wechatpay-Serial"], PublicKey: key}
	clock := func() time.Time { return now }
	return &Gateway{now: clock, merchants: map[string]*merchant{m.ID: verifying(clock, m)}}
}

func TestVectorNotification(t *testing.T) {
	var in headerVector
	var want struct{ Plaintext json.RawMessage }
	load(t, "v3-transaction-notification-32byte-key (derived)", &in, &want)
	n, err := gatewayOf(in, platformKey(t), in.at(t)).Open(context.Background(), "1900007291", in.get, []byte(in.Body))
	if err != nil {
		t.Fatal(err)
	}
	expected := wx.Transaction{
		Trade: wx.Trade{MerchantID: "1900007291", OutTradeNo: "1217752501201407033233368018"},
		AppID: "wxd678efh567hg6787", OpenID: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		TransactionID: "1217752501201407033233368018",
		State:         wx.TradeSuccess, Amount: 100, Currency: "CNY",
		SuccessTime: time.Date(2018, 6, 8, 2, 34, 56, 0, time.UTC),
	}
	if n.Transaction == nil || *n.Transaction != expected || n.Refund != nil || n.ID != "EV-2018022511223320873" {
		t.Errorf("got %+v", n)
	}
}

// The SDK's own vector is an event that wxhub does not handle: it verifies and
// decrypts, and is then refused for what it is.
func TestVectorForeignEvent(t *testing.T) {
	var in headerVector
	var want struct{ Plaintext string }
	load(t, "v3-notification-verify-and-decrypt", &in, &want)
	g := gatewayOf(in, platformKey(t), in.at(t))
	_, err := g.Open(context.Background(), "1900007291", in.get, []byte(in.Body))
	if !errors.Is(err, wx.ErrNotificationMalformed) {
		t.Errorf("got %v", err)
	}
	var e envelope
	if err := json.Unmarshal([]byte(in.Body), &e); err != nil {
		t.Fatal(err)
	}
	plain, err := decrypt(in.Key, e.Resource.Algorithm, e.Resource.AssociatedData, e.Resource.Nonce, e.Resource.Ciphertext)
	if err != nil || string(plain) != want.Plaintext {
		t.Errorf("got %q, %v", plain, err)
	}
}

func TestVectorProbe(t *testing.T) {
	var in headerVector
	load(t, "v3-response-verify-signtest-negative (derived)", &in, &struct{}{})
	der, err := base64.StdEncoding.DecodeString(in.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	key, err := utils.LoadPublicKey("-----BEGIN PUBLIC KEY-----\n" + base64.StdEncoding.EncodeToString(der) + "\n-----END PUBLIC KEY-----")
	if err != nil {
		t.Fatal(err)
	}
	_, err = gatewayOf(in, key, in.at(t)).Open(context.Background(), "1900007291", in.get, []byte(in.Body))
	if !errors.Is(err, wx.ErrNotificationProbe) {
		t.Errorf("a probe was answered with %v", err)
	}
}
