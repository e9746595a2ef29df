package peertest

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/kernel"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/kernel/contract"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/miniProgram"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/officialAccount/server"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/officialAccount/server/handlers/models"

	"wxhub/wx"
	"wxhub/wx/push"
)

// account is one account in the eyes of both.
type account struct {
	ours   *push.Receiver
	theirs *theirAccount
	appID  string
}

// theirAccount is PowerWeChat's server of an official account. Its package officialAccount
// would be the way to it, and cannot be built without PowerSocialite, which belongs to its
// OAuth; so the server is put together as officialAccount does it, in an application of
// their miniProgram for the configuration and the log.
type theirAccount struct {
	*miniProgram.MiniProgram
	Encryptor *kernel.Encryptor
	Server    *server.Guard
}

// GetComponent gives the encryptor of official accounts; mini-programs have another.
func (a *theirAccount) GetComponent(name string) any {
	if name == "Encryptor" {
		return a.Encryptor
	}
	return a.MiniProgram.GetComponent(name)
}

func newAccount(t *testing.T, appID, token, aesKey string, at int64) account {
	t.Helper()
	ours, err := push.New([]wx.PushSettings{{AppID: appID, Token: modelSecret(token), AESKey: modelSecret(aesKey), Now: func() time.Time { return time.Unix(at, 0) }}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	app, err := miniProgram.NewMiniProgram(&miniProgram.UserConfig{
		AppID: appID, Secret: "unused", Token: token, AESKey: padded(aesKey),
		Log: miniProgram.Log{File: filepath.Join(dir, "info.log"), Error: filepath.Join(dir, "error.log")},
	})
	if err != nil {
		t.Fatal(err)
	}
	theirs := &theirAccount{MiniProgram: app}
	if theirs.Encryptor, theirs.Server, err = server.RegisterProvider(theirs); err != nil {
		t.Fatal(err)
	}
	return account{ours, theirs, appID}
}

// read is what both make of one request.
type read struct {
	ToUser, FromUser, MsgType, Event, EventKey, Ticket, Content, MsgID string
	CreateTime                                                         int64
}

func (a account) openOurs(t *testing.T, r *http.Request, body string) read {
	t.Helper()
	p, err := a.ours.Open(a.appID, wx.Delivery{Query: r.URL.Query(), ContentType: r.Header.Get("Content-Type"), Body: []byte(body)})
	if err != nil {
		t.Fatalf("wx/push: %v", err)
	}
	return read{p.ToUser, p.FromUser, p.MsgType, p.Event, p.EventKey, p.Ticket, p.Content, p.MsgID, p.CreateTime}
}

func (a account) openTheirs(t *testing.T, r *http.Request) read {
	t.Helper()
	var got read
	_, err := a.theirs.Server.Notify(r, func(e contract.EventInterface) any {
		got = read{e.GetToUserName(), e.GetFromUserName(), e.GetMsgType(), e.GetEvent(), e.GetEventKey(), e.GetTicket(), "", "", int64(e.GetCreateTime())}
		if got.MsgType == "text" {
			var text models.MessageText
			if err := e.ReadMessage(&text); err != nil {
				t.Errorf("PowerWeChat: %v", err)
			}
			got.Content, got.MsgID = text.Content, text.MsgID
		}
		return "success"
	})
	if err != nil {
		t.Fatalf("PowerWeChat: %v", err)
	}
	return got
}

// request is WeChat's request with this query and body.
func request(query, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/push?"+query, strings.NewReader(body))
	r.Header.Set("Content-Type", "text/xml")
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// same lets both read one request and compares.
func (a account) same(t *testing.T, query, body string) read {
	t.Helper()
	ours := a.openOurs(t, request(query, body), body)
	if theirs := a.openTheirs(t, request(query, body)); ours != theirs {
		t.Errorf("\n    wx/push %+v\nPowerWeChat %+v", ours, theirs)
	}
	return ours
}

// theirReply is the form in which PowerWeChat encrypts.
type theirReply struct {
	XMLName   xml.Name `xml:"xml"`
	Encrypt   string   `xml:"Encrypt"`
	Signature string   `xml:"MsgSignature"`
}
