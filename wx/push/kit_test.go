package push

import (
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

const (
	testToken = "CANARYtoken1"
	testKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	now       = 1714112445
	testNonce = "415670741"
)

// The two apps of the tests: one in plain mode, one in safe mode.
const (
	plainApp = "wxplain"
	safeApp  = "wxsafe"
)

func clock() time.Time { return time.Unix(now, 0) }

func newReceiver(t testing.TB) *Receiver {
	t.Helper()
	r, err := New([]wx.PushSettings{
		{AppID: plainApp, Token: testToken, Now: clock},
		{AppID: safeApp, Token: testToken, AESKey: testKey, Now: clock},
		{AppID: "wxnone", AESKey: testKey, Now: clock},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// message writes the same text message in both formats.
func message(format string) string {
	if format == "JSON" {
		return `{"ToUserName":"gh_1","FromUserName":"oFan","CreateTime":1714112440,"MsgType":"text","Content":"你好 <b>","MsgId":24539083497592111}`
	}
	return `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oFan]]></FromUserName><CreateTime>1714112440</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 <b>]]></Content><MsgId>24539083497592111</MsgId></xml>`
}

// liar is the plain half of a body in compatible mode; it must never be believed.
func liar(format, encrypt string) string {
	if format == "JSON" {
		return fmt.Sprintf(`{"ToUserName":"gh_1","FromUserName":"oLiar","CreateTime":1714112440,"MsgType":"text","Content":"lie","MsgId":1,"Encrypt":%q}`, encrypt)
	}
	return `<xml><ToUserName>gh_1</ToUserName><FromUserName>oLiar</FromUserName><CreateTime>1714112440</CreateTime><MsgType>text</MsgType><Content>lie</Content><MsgId>1</MsgId><Encrypt><![CDATA[` + encrypt + `]]></Encrypt></xml>`
}

func envelope(format, encrypt string) string {
	if format == "JSON" {
		return fmt.Sprintf(`{"ToUserName":"gh_1","Encrypt":%q}`, encrypt)
	}
	return `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[` + encrypt + `]]></Encrypt></xml>`
}

// plain is a delivery of body in plain mode.
func plain(body string) wx.Delivery {
	timestamp := strconv.Itoa(now)
	return wx.Delivery{Body: []byte(body), Query: url.Values{
		"timestamp": {timestamp}, "nonce": {testNonce}, "openid": {"oQuery"},
		"signature": {sign(testToken, timestamp, testNonce)},
	}}
}

// sealed is a delivery of text to safeApp; wrap makes the body of the ciphertext.
func sealed(t testing.TB, text string, wrap func(encrypt string) string) wx.Delivery {
	t.Helper()
	key, err := decodeKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	encrypt, err := encrypt(key, safeApp, []byte("0123456789abcdef"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	d := plain(wrap(encrypt))
	d.Query.Set("encrypt_type", "aes")
	d.Query.Set("msg_signature", sign(testToken, d.Query.Get("timestamp"), testNonce, encrypt))
	return d
}

// way is one of the six ways in which WeChat may send the same message.
type way struct{ format, mode string }

var ways = []way{{"XML", "plain"}, {"JSON", "plain"}, {"XML", "compatible"}, {"JSON", "compatible"}, {"XML", "safe"}, {"JSON", "safe"}}

func (w way) String() string { return w.format + " " + w.mode }

func (w way) app() string {
	if w.mode == "plain" {
		return plainApp
	}
	return safeApp
}

func (w way) deliver(t testing.TB, text string) wx.Delivery {
	t.Helper()
	switch w.mode {
	case "plain":
		return plain(text)
	case "compatible":
		return sealed(t, text, func(e string) string { return liar(w.format, e) })
	}
	return sealed(t, text, func(e string) string { return envelope(w.format, e) })
}

// secretsOf are what no error may hold.
var secretsOf = []model.Secret{testToken, testKey}
