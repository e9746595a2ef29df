// Package mini logs mini-program users in: code2session through silenceper/wechat,
// guarded where the SDK is not safe (FIELD-NOTES §4.1).
//
// What the SDK leaves open and is closed here: the code goes into the URL as it
// is, so it must match a strict charset first; its HTTP client has no timeout;
// its errors print the URL with the appsecret; whatever WeChat answers is believed,
// so an answer without openid or session_key is refused.
package mini

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"

	"github.com/silenceper/wechat/v2/miniprogram/auth"
	sdkconfig "github.com/silenceper/wechat/v2/miniprogram/config"
	sdkcontext "github.com/silenceper/wechat/v2/miniprogram/context"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

// codeShape is what a wx.login code may look like before it is put into a URL.
var codeShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// idShape keeps an absurd openid or unionid out of our keys: visible ASCII only.
var idShape = regexp.MustCompile(`^[!-~]{1,128}$`)

// Client calls WeChat for every configured mini-program.
type Client struct {
	http *http.Client
	apps map[string]*auth.Auth
}

// New makes a client. secrets maps app id to appsecret; client comes from transport.NewClient.
func New(client *http.Client, secrets map[string]model.Secret) *Client {
	bindSilenceper()
	c := &Client{http: client, apps: make(map[string]*auth.Auth, len(secrets))}
	for id, secret := range secrets {
		cfg := &sdkconfig.Config{AppID: id, AppSecret: secret.Reveal()}
		c.apps[id] = auth.NewAuth(&sdkcontext.Context{Config: cfg})
	}
	return c
}

// Code2Session redeems a wx.login code (single use, 5 minutes).
//
// Errors: invalid_input (app unknown or code of a wrong shape), wx.ErrCodeInvalid,
// wx.ErrCodeUsed, wx.ErrUserBlocked, wx.ErrRateLimited, wx.ErrRejected, wx.ErrBusy,
// wx.ErrTimeout.
func (c *Client) Code2Session(ctx context.Context, appID, code string) (wx.MiniSession, error) {
	app, ok := c.apps[appID]
	if !ok {
		return wx.MiniSession{}, model.InvalidField("app_id", "is not a mini-program configured here")
	}
	if !codeShape.MatchString(code) {
		return wx.MiniSession{}, model.InvalidField("code", "must be the code of wx.login: 1–128 letters, digits, '-' or '_'")
	}
	answer, err := app.Code2SessionContext(withClient(ctx, c.http), code)
	if answer.ErrCode != 0 {
		return wx.MiniSession{}, refusal(answer.ErrCode, answer.ErrMsg)
	}
	if err != nil {
		return wx.MiniSession{}, wx.Silent(transport.Cause(err))
	}
	return session(answer)
}

func session(a auth.ResCode2Session) (wx.MiniSession, error) {
	if a.SessionKey == "" || len(a.SessionKey) > 256 || !idShape.MatchString(a.OpenID) || (a.UnionID != "" && !idShape.MatchString(a.UnionID)) {
		return wx.MiniSession{}, wx.ErrBusy.Because(errors.New("code2session answered without a usable openid and session_key"))
	}
	return wx.MiniSession{OpenID: a.OpenID, UnionID: a.UnionID, SessionKey: model.Secret(a.SessionKey)}, nil
}

// refusal maps an errcode of code2session (PROTOCOL §6.2) to an error of ours.
func refusal(code int64, message string) error {
	base := wx.ErrRejected
	switch code {
	case -1:
		base = wx.ErrBusy
	case 40029, 42003:
		base = wx.ErrCodeInvalid
	case 40163:
		base = wx.ErrCodeUsed
	case 40226:
		base = wx.ErrUserBlocked
	case 45011:
		base = wx.ErrRateLimited
	}
	return wx.Refused(base, model.Upstream{Service: "wechat", Code: strconv.FormatInt(code, 10), Message: message})
}
