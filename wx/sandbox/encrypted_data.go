package sandbox

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"

	"wxhub/wx/sandbox/wxcrypt"
)

// Kinds of EncryptedData.
const (
	DataUserInfo = "userinfo"
	DataPhone    = "phone"
)

// Errors of EncryptedData.
var (
	ErrDataKind  = errors.New("kind is userinfo or phone")
	ErrNoSession = errors.New("the user has no session in the app; exchange a login code first")
)

// Encrypted is what the phone gives to a mini-program's page, which hands it to its backend. RawData and Signature
// come with userinfo only.
type Encrypted struct {
	EncryptedData string `json:"encryptedData"`
	IV            string `json:"iv"`
	RawData       string `json:"rawData,omitempty"`
	Signature     string `json:"signature,omitempty"`
}

// profile is the part of the user's information that rawData shows.
type profile struct {
	NickName  string `json:"nickName"`
	Gender    int    `json:"gender"`
	Language  string `json:"language"`
	City      string `json:"city"`
	Province  string `json:"province"`
	Country   string `json:"country"`
	AvatarURL string `json:"avatarUrl"`
}

// sealedProfile is what only the holder of the session_key can read.
type sealedProfile struct {
	OpenID string `json:"openId"`
	profile
	UnionID   string    `json:"unionId,omitempty"`
	Watermark watermark `json:"watermark"`
}

// EncryptedData is wx.getUserInfo (userinfo) or the old wx.getPhoneNumber (phone) on the user's phone, under the session_key
// that is the user's in the app now; a later login makes it unreadable. user is an id or a name.
// It returns ErrNoApp, ErrAppKind, ErrNoUser, ErrDataKind or ErrNoSession.
func (p *Platform) EncryptedData(appID, user, kind string) (Encrypted, error) {
	u, app, err := p.onPhone(appID, user, KindMiniProgram)
	if err != nil {
		return Encrypted{}, err
	}
	key, found := p.logins.session(u.OpenIDs[app.ID])
	var out Encrypted
	var plain any
	switch {
	case kind != DataUserInfo && kind != DataPhone:
		return Encrypted{}, fmt.Errorf("%q: %w", kind, ErrDataKind)
	case !found:
		return Encrypted{}, ErrNoSession
	case kind == DataPhone:
		plain = p.phoneOf(u, app.ID)
	default:
		shown := profile{NickName: u.Name, Language: "zh_CN", AvatarURL: portrait(u)}
		out.RawData = string(encode(shown))
		out.Signature = wxcrypt.RawDataSignature(out.RawData, key)
		plain = sealedProfile{u.OpenIDs[app.ID], shown, p.unionID(u, app.ID), watermark{p.clock.wall().Unix(), app.ID}}
	}
	out.IV = base64.StdEncoding.EncodeToString(p.ids.bytes(16))
	out.EncryptedData, err = wxcrypt.SealData(key, out.IV, encode(plain))
	return out, err
}

// session is the openid's current session key.
func (l *logins) session(openID string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key, found := l.sessions[openID]
	return key, found
}

func (p *Platform) controlEncryptedData(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID string `json:"app_id"`
		User  string `json:"user"`
		Kind  string `json:"kind"`
	}
	if !read(w, r, &in) {
		return
	}
	data, err := p.EncryptedData(in.AppID, in.User, in.Kind)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, data)
}
