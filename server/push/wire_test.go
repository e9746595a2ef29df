package push_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wxhub/identity"
	"wxhub/wx"
)

const (
	plainApp  = "wx-plain"
	safeApp   = "wx-safe"
	pushToken = "AAAAA"
	aesKey    = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// delivery is one request of WeChat's, made here by its documentation and not by our code.
type delivery struct {
	query url.Values
	body  string
}

func sign(values ...string) string {
	slices.Sort(values)
	sum := sha1.Sum([]byte(strings.Join(values, "")))
	return hex.EncodeToString(sum[:])
}

// signed is the query of a request at a time, with a nonce of its own.
func signed(at time.Time, token string) url.Values {
	timestamp, nonce := strconv.FormatInt(at.Unix(), 10), rand.Text()[:10]
	return url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "signature": {sign(token, timestamp, nonce)}, "openid": {"openid-query"}}
}

func plain(body string) delivery { return delivery{signed(time.Now(), pushToken), body} }

// sealed is the same for the app in safe mode; wrap makes the body of the ciphertext.
func sealed(appID, text string, wrap string) delivery {
	key, _ := base64.StdEncoding.DecodeString(aesKey + "=")
	data := append([]byte("0123456789abcdef"), binary.BigEndian.AppendUint32(nil, uint32(len(text)))...)
	data = append(append(data, text...), appID...)
	n := 32 - len(data)%32
	data = append(data, strings.Repeat(string(rune(n)), n)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(data, data)
	encrypted := base64.StdEncoding.EncodeToString(data)
	d := delivery{signed(time.Now(), pushToken), fmt.Sprintf(wrap, encrypted)}
	d.query.Set("encrypt_type", "aes")
	d.query.Set("msg_signature", sign(pushToken, d.query.Get("timestamp"), d.query.Get("nonce"), encrypted))
	return d
}

const (
	inXML  = `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[%s]]></Encrypt></xml>`
	inJSON = `{"ToUserName":"gh_1","Encrypt":%q}`
)

// created is when the messages below were made: now, as WeChat says.
var created = time.Now().Unix()

// text is a text message of somebody, in XML.
func text(from, msgID string) string {
	return fmt.Sprintf(`<xml><ToUserName>gh_1</ToUserName><FromUserName><![CDATA[openid-%s]]></FromUserName><CreateTime>%d</CreateTime>`+
		`<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 <b>]]></Content><MsgId>%s</MsgId></xml>`, from, created, msgID)
}

// textJSON is the same in JSON.
func textJSON(from, msgID string) string {
	return fmt.Sprintf(`{"ToUserName":"gh_1","FromUserName":"openid-%s","CreateTime":%d,"MsgType":"text","Content":"你好 <b>","MsgId":%s}`, from, created, msgID)
}

// event is an event of somebody; more are further elements.
func event(from, name, more string) string {
	return fmt.Sprintf(`<xml><ToUserName>gh_1</ToUserName><FromUserName>openid-%s</FromUserName><CreateTime>%d</CreateTime>`+
		`<MsgType>event</MsgType><Event>%s</Event>%s</xml>`, from, created, name, more)
}

// followers is what WeChat says of followers: "openid-x" has "unionid-x", unless err.
type followers struct {
	mu     sync.Mutex
	err    error
	silent bool // no UnionID is told
	asked  int
}

func (f *followers) Follower(_ context.Context, _, openID string) (wx.Follower, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.err != nil {
		return wx.Follower{}, f.err
	}
	found := wx.Follower{OpenID: openID, Subscribed: true, UnionID: strings.Replace(openID, "open", "union", 1)}
	if f.silent {
		found.UnionID = ""
	}
	return found, nil
}

func (f *followers) says(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// weChatMini logs everybody in under the name that is their code.
type weChatMini struct{ identity.MiniPrograms }

func (weChatMini) Code2Session(_ context.Context, _, code string) (wx.MiniSession, error) {
	name, _, _ := strings.Cut(code, "-")
	return wx.MiniSession{OpenID: "mini-" + name, UnionID: "unionid-" + name, SessionKey: "key"}, nil
}

func (weChatMini) PhoneNumber(context.Context, string, string, string) (wx.Phone, error) {
	return wx.Phone{Number: "13800000000"}, nil
}

// told is what business backends hear.
type told struct {
	AppID   string            `json:"app_id"`
	OpenID  string            `json:"open_id"`
	UserID  string            `json:"user_id"`
	MsgType string            `json:"msg_type"`
	MsgID   string            `json:"msg_id"`
	Event   string            `json:"event"`
	Key     string            `json:"event_key"`
	Ticket  string            `json:"ticket"`
	Content string            `json:"content"`
	Created int64             `json:"create_time"`
	Fields  map[string]string `json:"fields"`
}

func read(data json.RawMessage) (v told) {
	_ = json.Unmarshal(data, &v) // the zero value fails the test
	return v
}
