package sandbox_test

import (
	"encoding/json"
	"testing"

	"wxhub/wx/sandbox/wxcrypt"
)

// wxValues are the inputs and expectations of the vectors of api.weixin.qq.com; each fills some.
type wxValues struct {
	AESKey        string      `json:"encoding_aes_key"`
	AppID         string      `json:"appid"`
	Encrypt       string      `json:"Encrypt"`
	EncryptedData string      `json:"encryptedData"`
	IV            string      `json:"iv"`
	Message       string      `json:"msg"`
	MsgSignature  string      `json:"msg_signature_for_ts_1409304348_nonce_xxxxxx"`
	Nonce         string      `json:"nonce"`
	NonceStr      string      `json:"noncestr"`
	Plaintext     string      `json:"plaintext"`
	Random        string      `json:"random16"`
	RawData       string      `json:"rawData"`
	SessionKey    string      `json:"session_key"`
	Signature     string      `json:"signature"`
	Ticket        string      `json:"jsapi_ticket"`
	Timestamp     json.Number `json:"timestamp"`
	Token         string      `json:"token"`
	URL           string      `json:"url"`
}

func loadWX(t *testing.T, name string) (in, want wxValues) {
	t.Helper()
	v := find(t, name)
	if err := json.Unmarshal(v.Inputs, &in); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(v.Expected, &want); err != nil {
		t.Fatal(err)
	}
	return in, want
}

func TestVectorPushSignatures(t *testing.T) {
	for _, name := range []string{"msgpush-url-verify", "msgpush-plain-post"} {
		in, want := loadWX(t, name)
		if got := wxcrypt.Signature(in.Token, in.Timestamp.String(), in.Nonce); got != want.Signature || got == "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestVectorPushedMessageBothWays(t *testing.T) {
	in, want := loadWX(t, "WXBizMsgCrypt-encrypt-1")
	key, err := wxcrypt.Key(in.AESKey)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := wxcrypt.SealMessage(key, []byte(in.Random), []byte(in.Message), in.AppID)
	if err != nil || sealed != want.Encrypt {
		t.Errorf("sealed %s %v", sealed, err)
	}
	message, app, err := wxcrypt.OpenMessage(key, want.Encrypt)
	if err != nil || string(message) != in.Message || app != in.AppID {
		t.Errorf("opened %q %q %v", message, app, err)
	}
	if got := wxcrypt.Signature(in.Token, "1409304348", "xxxxxx", want.Encrypt); got != want.MsgSignature {
		t.Errorf("msg_signature %s", got)
	}
}

func TestVectorEncryptedDataBothWays(t *testing.T) {
	in, want := loadWX(t, "WXBizDataCrypt-userinfo")
	plain, err := wxcrypt.OpenData(in.SessionKey, in.IV, in.EncryptedData)
	if err != nil || string(plain) != want.Plaintext {
		t.Errorf("opened %q %v", plain, err)
	}
	sealed, err := wxcrypt.SealData(in.SessionKey, in.IV, []byte(want.Plaintext))
	if err != nil || sealed != in.EncryptedData {
		t.Errorf("sealed %q %v", sealed, err)
	}
}

func TestVectorRawDataSignature(t *testing.T) {
	in, want := loadWX(t, "wxa-rawData-signature")
	if got := wxcrypt.RawDataSignature(in.RawData, in.SessionKey); got != want.Signature {
		t.Errorf("got %s", got)
	}
}

func TestVectorPageSignature(t *testing.T) {
	in, want := loadWX(t, "jssdk-signature http://mp.weixin.qq.com?params=value")
	for _, url := range []string{in.URL, in.URL + "#here"} {
		if got := wxcrypt.PageSignature(in.Ticket, in.NonceStr, in.Timestamp.String(), url); got != want.Signature {
			t.Errorf("%s: got %s", url, got)
		}
	}
}
