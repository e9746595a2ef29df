package push

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// load reads one vector of testdata/vectors.json, which names the source of each, into
// in and want. A name that is gone fails the test.
func load(t *testing.T, name string, in, want any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
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

// official are the inputs of WeChat's worked examples.
type official struct {
	Token     model.Secret `json:"token"`
	AESKey    model.Secret `json:"encoding_aes_key"`
	AppID     string       `json:"appid"`
	Timestamp string       `json:"timestamp"`
	Nonce     string       `json:"nonce"`
	Echo      string       `json:"echostr"`
	Signature string       `json:"signature"`
	MsgSign   string       `json:"msg_signature"`
	OpenID    string       `json:"openid"`
	Body      string       `json:"body"`
	Random    string       `json:"random16"`
	Message   string       `json:"msg"`
}

// receiver is one whose clock stands at the example's time.
func (o official) receiver(t *testing.T) *Receiver {
	t.Helper()
	seconds, err := strconv.ParseInt(o.Timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	at := func() time.Time { return time.Unix(seconds, 0) }
	r, err := New([]wx.PushSettings{{AppID: o.AppID, Token: o.Token, AESKey: o.AESKey, Now: at}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOfficialURLCheck(t *testing.T) {
	var in official
	var want struct {
		Signature string `json:"signature"`
		Reply     string `json:"reply_body"`
	}
	load(t, "msgpush-url-verify", &in, &want)
	query := url.Values{"signature": {want.Signature}, "timestamp": {in.Timestamp}, "nonce": {in.Nonce}, "echostr": {in.Echo}}
	if got, err := in.receiver(t).CheckURL("", query); err != nil || got != want.Reply {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOfficialPlainPush(t *testing.T) {
	var in official
	var want struct {
		Signature string `json:"signature"`
	}
	load(t, "msgpush-plain-post", &in, &want)
	query := url.Values{"signature": {want.Signature}, "timestamp": {in.Timestamp}, "nonce": {in.Nonce}}
	body := `{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":` + in.Timestamp + `,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}`
	got, err := in.receiver(t).Open("", wx.Delivery{Query: query, Body: []byte(body)})
	if err != nil || got.Event != "debug_demo" || got.FromUser != "o9AgO5Kd5ggOC-bXrbNODIiE3bGY" || got.Fields["debug_str"] != "hello world" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOfficialSafePush(t *testing.T) {
	var in official
	var want struct {
		Message string `json:"message"`
	}
	load(t, "msgpush-safe-post", &in, &want)
	query := url.Values{
		"signature": {in.Signature}, "timestamp": {in.Timestamp}, "nonce": {in.Nonce}, "openid": {in.OpenID},
		"encrypt_type": {"aes"}, "msg_signature": {in.MsgSign},
	}
	r := in.receiver(t)
	got, err := r.Open(in.AppID, wx.Delivery{Query: query, Body: []byte(in.Body)})
	if err != nil || got.ToUser != "gh_97417a04a28d" || got.FromUser != in.OpenID || got.CreateTime != 1714112445 ||
		got.MsgType != "event" || got.Event != "debug_demo" || got.Fields["debug_str"] != "hello world" {
		t.Errorf("got %+v, %v", got, err)
	}
	var body struct{ Encrypt string }
	if err := json.Unmarshal([]byte(in.Body), &body); err != nil {
		t.Fatal(err)
	}
	if text, err := decrypt(r.apps[in.AppID].key, in.AppID, body.Encrypt); err != nil || string(text) != want.Message {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestOfficialEncryptedReply(t *testing.T) {
	var in official
	var want Sealed
	load(t, "msgpush-encrypted-reply", &in, &want)
	a := in.receiver(t).apps[in.AppID]
	want.TimeStamp, want.Nonce = a.now().Unix(), in.Nonce
	if got, err := a.seal([]byte(in.Random), []byte(in.Message), want.TimeStamp, in.Nonce); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOfficialEncryption(t *testing.T) {
	var in official
	var want struct {
		Encrypt   string `json:"Encrypt"`
		Signature string `json:"msg_signature_for_ts_1409304348_nonce_xxxxxx"`
	}
	load(t, "WXBizMsgCrypt-encrypt-1", &in, &want)
	in.Timestamp = "1409304348"
	a := in.receiver(t).apps[in.AppID]
	got, err := a.seal([]byte(in.Random), []byte(in.Message), 1409304348, "xxxxxx")
	if err != nil || got.Encrypt != want.Encrypt || got.MsgSignature != want.Signature {
		t.Errorf("got %+v, %v", got, err)
	}
	if text, err := decrypt(a.key, in.AppID, want.Encrypt); err != nil || string(text) != in.Message {
		t.Errorf("got %s, %v", text, err)
	}
}
