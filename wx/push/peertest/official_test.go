package peertest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"testing"
)

type sample struct {
	Token     string `json:"token"`
	AESKey    string `json:"encoding_aes_key"`
	AppID     string `json:"appid"`
	Timestamp string `json:"timestamp"`
	Nonce     string `json:"nonce"`
	Echo      string `json:"echostr"`
	Signature string `json:"signature"`
	MsgSign   string `json:"msg_signature"`
	OpenID    string `json:"openid"`
	Body      string `json:"body"`
	Message   string `json:"msg"`
}

// load reads a vector of wx/push. A name that is gone fails the test.
func load(t *testing.T, name string, want any) (in sample) {
	t.Helper()
	raw, err := os.ReadFile("../testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Name     string          `json:"name"`
		Inputs   json.RawMessage `json:"inputs"`
		Expected json.RawMessage `json:"expected"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Name == name {
			if err := errors.Join(json.Unmarshal(v.Inputs, &in), json.Unmarshal(v.Expected, want)); err != nil {
				t.Fatal(err)
			}
			return in
		}
	}
	t.Fatalf("there is no vector %q", name)
	return in
}

func (s sample) account(t *testing.T) account {
	t.Helper()
	at, err := strconv.ParseInt(s.Timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return newAccount(t, s.AppID, s.Token, s.AESKey, at)
}

func TestOfficialURLCheck(t *testing.T) {
	var want struct {
		Signature string `json:"signature"`
		Reply     string `json:"reply_body"`
	}
	in := load(t, "msgpush-url-verify", &want)
	in.AppID = app
	query := url.Values{"signature": {want.Signature}, "timestamp": {in.Timestamp}, "nonce": {in.Nonce}, "echostr": {in.Echo}}
	a := in.account(t)
	if got, err := a.ours.CheckURL(app, query); err != nil || got != want.Reply {
		t.Errorf("wx/push: got %q, %v", got, err)
	}
	got, err := a.theirs.Server.VerifyURL(httptest.NewRequest("GET", "/push?"+query.Encode(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(got.Body); err != nil || string(text) != want.Reply {
		t.Errorf("PowerWeChat: got %q, %v", text, err)
	}
}

func TestOfficialPlainPush(t *testing.T) {
	var want struct {
		Signature string `json:"signature"`
	}
	in := load(t, "msgpush-plain-post", &want)
	in.AppID = app
	query := url.Values{"signature": {want.Signature}, "timestamp": {in.Timestamp}, "nonce": {in.Nonce}}
	body := `{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":` + in.Timestamp + `,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}`
	if got := in.account(t).same(t, query.Encode(), body); got.Event != "debug_demo" {
		t.Errorf("got %+v", got)
	}
}

func TestOfficialSafePush(t *testing.T) {
	in := load(t, "msgpush-safe-post", &struct{}{})
	query := url.Values{
		"signature": {in.Signature}, "timestamp": {in.Timestamp}, "nonce": {in.Nonce}, "openid": {in.OpenID},
		"encrypt_type": {"aes"}, "msg_signature": {in.MsgSign},
	}
	if got := in.account(t).same(t, query.Encode(), in.Body); got.Event != "debug_demo" || got.FromUser != in.OpenID {
		t.Errorf("got %+v", got)
	}
}

// The ciphertexts of the documentation, opened by PowerWeChat: so the vectors are right.
func TestOfficialCiphertexts(t *testing.T) {
	for _, name := range []string{"msgpush-encrypted-reply", "WXBizMsgCrypt-encrypt-1"} {
		var want struct{ Encrypt string }
		in := load(t, name, &want)
		in.Timestamp = "1409304348"
		got, cryptErr := in.account(t).theirs.Encryptor.DecryptContent(want.Encrypt)
		if cryptErr != nil || string(got) != in.Message {
			t.Errorf("%s: got %s, %v", name, got, cryptErr)
		}
	}
}
