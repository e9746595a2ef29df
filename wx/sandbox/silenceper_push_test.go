package sandbox_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/silenceper/wechat/v2/officialaccount/config"
	"github.com/silenceper/wechat/v2/officialaccount/message"
	"github.com/silenceper/wechat/v2/util"

	"wxhub/wx/sandbox"
)

// sdkServer puts the SDK's own signature, cipher and messages together as its server package does. That package itself
// would bring a logger into go.mod.
type sdkServer struct {
	t   *testing.T
	app *config.Config
	got chan *message.MixMessage
}

func (b *sdkServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	timestamp, nonce := query.Get("timestamp"), query.Get("nonce")
	if util.Signature(b.app.Token, timestamp, nonce) != query.Get("signature") {
		b.t.Error("the SDK finds signature wrong")
	}
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, query.Get("echostr"))
		return
	}
	text, err := io.ReadAll(r.Body)
	if err == nil && query.Get("encrypt_type") == "aes" {
		text, err = b.opened(text, query)
	}
	if err != nil {
		b.t.Error(err)
		return
	}
	var m message.MixMessage
	if err := xml.Unmarshal(text, &m); err != nil {
		b.t.Error(err)
	}
	b.reply(w, query, m)
	b.got <- &m
}

func (b *sdkServer) opened(text []byte, query url.Values) ([]byte, error) {
	var sealed message.EncryptedXMLMsg
	if err := xml.Unmarshal(text, &sealed); err != nil {
		return nil, err
	}
	if util.Signature(b.app.Token, query.Get("timestamp"), query.Get("nonce"), sealed.EncryptedMsg) != query.Get("msg_signature") {
		b.t.Error("the SDK finds msg_signature wrong")
	}
	_, plain, err := util.DecryptMsg(b.app.AppID, sealed.EncryptedMsg, b.app.EncodingAESKey)
	return plain, err
}

// reply answers by a text in the mode of the push.
func (b *sdkServer) reply(w io.Writer, query url.Values, m message.MixMessage) {
	text := message.NewText("welcome")
	text.SetToUserName(m.FromUserName)
	text.SetFromUserName(m.ToUserName)
	text.SetMsgType(message.MsgTypeText)
	text.SetCreateTime(util.GetCurrTS())
	plain, err := xml.Marshal(text)
	if err == nil && query.Get("encrypt_type") == "aes" {
		var sealed []byte
		if sealed, err = util.EncryptMsg([]byte("aaaabbbbccccdddd"), plain, b.app.AppID, b.app.EncodingAESKey); err == nil {
			plain, err = xml.Marshal(message.ResponseEncryptedXMLMsg{
				EncryptedMsg: string(sealed), MsgSignature: util.Signature(b.app.Token, "1", "n", string(sealed)), Timestamp: 1, Nonce: "n",
			})
		}
	}
	if err != nil {
		b.t.Error(err)
	}
	_, _ = w.Write(plain)
}

func TestSilenceperSDKTakesPushes(t *testing.T) {
	for _, mode := range []string{"plain", "compatible", "safe"} {
		t.Run(mode, func(t *testing.T) {
			s := newStage(t, sandbox.Options{})
			b := &sdkServer{t, s.sdk().Config, make(chan *message.MixMessage, 1)}
			backend := httptest.NewServer(b)
			defer backend.Close()
			if err := s.platform.SetPush(b.app.AppID, sandbox.PushSettings{URL: backend.URL, Mode: mode}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.platform.Follow(b.app.AppID, "payer-1", "t4"); err != nil {
				t.Fatal(err)
			}
			if m := <-b.got; m.Event != message.EventSubscribe || m.EventKey != "qrscene_t4" || m.Ticket == "" || string(m.FromUserName) != s.payer.OpenIDs[b.app.AppID] {
				t.Errorf("%+v", m)
			}
			if _, err := s.platform.SendMessage(b.app.AppID, "payer-1", "你好 <茶>"); err != nil {
				t.Fatal(err)
			}
			if m := <-b.got; m.Content != "你好 <茶>" || m.MsgID == 0 {
				t.Errorf("%+v", m)
			}
			for _, entry := range s.waitAttempts(2) {
				if entry.Error != "" || entry.Attempt != 1 {
					t.Errorf("the SDK's reply: %+v", entry)
				}
			}
		})
	}
}
