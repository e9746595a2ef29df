package peertest

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/xml"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wxhub/model"
)

const (
	app    = "wxpeer"
	token  = "peertoken"
	aesKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"
	at     = 1714112445
	nonce  = "415670741"
)

func modelSecret(s string) model.Secret { return model.Secret(s) }

// padded is the key as PowerWeChat decodes it.
func padded(key string) string {
	if key == "" {
		return ""
	}
	return key + "="
}

// signature is WeChat's, written a third time.
func signature(values ...string) string {
	slices.Sort(values)
	sum := sha1.Sum([]byte(strings.Join(values, "")))
	return hex.EncodeToString(sum[:])
}

const head = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<FromUserName><![CDATA[oFan-_1]]></FromUserName>\n<CreateTime>1714112440</CreateTime>\n"

// pushes are the samples of WeChat's documentation, each with a value to look for.
var pushes = map[string][2]string{
	"text":            {head + "<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[this is <b>a</b> test & 你好]]></Content>\n<MsgId>24539083497592111</MsgId>\n</xml>", "24539083497592111"},
	"text, escaped":   {head + "<MsgType>text</MsgType><Content>a &lt; b &amp; c &#20320;</Content><MsgId>1</MsgId></xml>", "a < b & c 你"},
	"subscribe":       {head + "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe]]></Event></xml>", "subscribe"},
	"subscribe by QR": {head + "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe]]></Event><EventKey><![CDATA[qrscene_123123]]></EventKey><Ticket><![CDATA[TICKET]]></Ticket></xml>", "qrscene_123123"},
	"SCAN":            {head + "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[SCAN]]></Event><EventKey><![CDATA[SCENE_VALUE]]></EventKey><Ticket><![CDATA[TICKET]]></Ticket></xml>", "SCENE_VALUE"},
	"CLICK":           {head + "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[CLICK]]></Event><EventKey><![CDATA[EVENTKEY]]></EventKey></xml>", "EVENTKEY"},
	"VIEW":            {head + "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[VIEW]]></Event><EventKey><![CDATA[https://www.qq.com/?a=1&b=2#c]]></EventKey><MenuId>MENUID</MenuId></xml>", "https://www.qq.com/?a=1&b=2#c"},
	"unsubscribe":     {head + "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[unsubscribe]]></Event><EventKey><![CDATA[]]></EventKey></xml>", "unsubscribe"},
}

func plainQuery() url.Values {
	timestamp := strconv.Itoa(at)
	return url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "openid": {"oFan-_1"}, "signature": {signature(token, timestamp, nonce)}}
}

func (r read) has(value string) bool {
	return slices.Contains([]string{r.Event, r.EventKey, r.Content, r.MsgID}, value)
}

func TestPlainPushes(t *testing.T) {
	a := newAccount(t, app, token, "", at)
	for name, p := range pushes {
		t.Run(name, func(t *testing.T) {
			if got := a.same(t, plainQuery().Encode(), p[0]); !got.has(p[1]) || got.FromUser != "oFan-_1" || got.CreateTime != 1714112440 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// PowerWeChat encrypts as WeChat would, and both open it.
func TestEncryptedPushes(t *testing.T) {
	a := newAccount(t, app, token, aesKey, at)
	for name, p := range pushes {
		t.Run(name, func(t *testing.T) {
			sealed, cryptErr := a.theirs.Encryptor.Encrypt(p[0], nonce, strconv.Itoa(at))
			if cryptErr != nil {
				t.Fatal(cryptErr.ErrMsg)
			}
			var e theirReply
			if err := xml.Unmarshal(sealed, &e); err != nil {
				t.Fatal(err)
			}
			query := plainQuery()
			query.Set("encrypt_type", "aes")
			query.Set("msg_signature", e.Signature)
			for _, body := range []string{
				"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[" + e.Encrypt + "]]></Encrypt></xml>",
				strings.Replace(p[0], "</xml>", "<Encrypt><![CDATA["+e.Encrypt+"]]></Encrypt></xml>", 1), // compatible mode
			} {
				if got := a.same(t, query.Encode(), body); !got.has(p[1]) || got.FromUser != "oFan-_1" {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
}

// What wx/push encrypts, PowerWeChat opens.
func TestSealedReplies(t *testing.T) {
	a := newAccount(t, app, token, aesKey, at)
	for _, message := range []string{"<xml></xml>", "你好", strings.Repeat("x", 4096), ""} {
		s, err := a.ours.Seal(app, []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		body := "<xml><ToUserName>gh_1</ToUserName><Encrypt>" + s.Encrypt + "</Encrypt></xml>"
		got, cryptErr := a.theirs.Encryptor.Decrypt([]byte(body), s.MsgSignature, s.Nonce, strconv.FormatInt(s.TimeStamp, 10))
		if cryptErr != nil || string(got) != message {
			t.Errorf("%.20q: got %.20q, %v", message, got, cryptErr)
		}
	}
}
