// Package mini does what a mini-program needs of WeChat for its people: the login, the
// phone number, the session key, the union id after a payment, and the data that the
// mini-program's own API signs or encrypts.
//
// code2session goes through silenceper/wechat, which has a context variant of it. What
// the SDK leaves open there is closed here: the code goes into the URL as it is, so it
// must match a strict charset first; its HTTP client has no timeout; its errors print
// the URL with the appsecret; whatever WeChat answers is believed, so an answer without
// openid or session_key is refused.
//
// The rest does not go through the SDK. Its calls with an access token know no context
// (checksession, resetusersessionkey, getpaidunionid) or nothing of a token that went
// bad (getuserphonenumber): those are made by wx/api. Its Decrypt panics on data of a
// wrong length, so that is done here too.
package mini

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/silenceper/wechat/v2/miniprogram/auth"
	sdkconfig "github.com/silenceper/wechat/v2/miniprogram/config"
	sdkcontext "github.com/silenceper/wechat/v2/miniprogram/context"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/api"
	"wxhub/wx/silenceper"
	"wxhub/wx/transport"
)

// codeShape is what a wx.login code may look like before it is put into a URL.
var codeShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// idShape keeps an absurd openid or unionid out of our keys: visible ASCII only.
var idShape = regexp.MustCompile(`^[!-~]{1,128}$`)

// Client calls WeChat for every configured mini-program.
type Client struct {
	http *http.Client
	api  api.Client
	apps map[string]app
}

type app struct {
	secret model.Secret
	sdk    *auth.Auth
}

// New makes a client. secrets maps app id to appsecret; client comes from
// transport.NewClient; tokens gives the access tokens, which all calls but
// Code2Session need.
func New(client *http.Client, secrets map[string]model.Secret, tokens api.Tokens) *Client {
	silenceper.Bind()
	c := &Client{http: client, api: api.Client{HTTP: client, Tokens: tokens}, apps: make(map[string]app, len(secrets))}
	for id, secret := range secrets {
		cfg := &sdkconfig.Config{AppID: id, AppSecret: secret.Reveal()}
		c.apps[id] = app{secret, auth.NewAuth(&sdkcontext.Context{Config: cfg})}
	}
	return c
}

// known refuses an app that is not a mini-program of ours.
func (c *Client) known(appID string) error {
	if _, ok := c.apps[appID]; !ok {
		return model.InvalidField("app_id", "is not a mini-program configured here")
	}
	return nil
}

// Code2Session redeems a wx.login code (single use, 5 minutes).
//
// Errors: invalid_input (app unknown or code of a wrong shape), wx.ErrCodeInvalid,
// wx.ErrCodeUsed, wx.ErrUserBlocked, wx.ErrRateLimited, wx.ErrRejected, wx.ErrBusy,
// wx.ErrTimeout.
func (c *Client) Code2Session(ctx context.Context, appID, code string) (wx.MiniSession, error) {
	if err := c.known(appID); err != nil {
		return wx.MiniSession{}, err
	}
	if !codeShape.MatchString(code) {
		return wx.MiniSession{}, model.InvalidField("code", "must be the code of wx.login: 1–128 letters, digits, '-' or '_'")
	}
	app := c.apps[appID]
	answer, err := app.sdk.Code2SessionContext(silenceper.WithClient(ctx, c.http), code)
	if answer.ErrCode != 0 {
		return wx.MiniSession{}, api.Refusal(answer.ErrCode, answer.ErrMsg, loginCodes, app.secret, model.Secret(code))
	}
	if err != nil {
		return wx.MiniSession{}, wx.Silent(transport.Cause(err))
	}
	return believed(answer)
}

func believed(a auth.ResCode2Session) (wx.MiniSession, error) {
	if !usableKey(a.SessionKey) || !idShape.MatchString(a.OpenID) || (a.UnionID != "" && !idShape.MatchString(a.UnionID)) {
		return wx.MiniSession{}, wx.ErrBusy.Because(errors.New("code2session answered without a usable openid and session_key"))
	}
	return wx.MiniSession{OpenID: a.OpenID, UnionID: a.UnionID, SessionKey: model.Secret(a.SessionKey)}, nil
}

// loginCodes are the errcodes of code2session (PROTOCOL §6.2).
var loginCodes = api.Codes{
	40029: wx.ErrCodeInvalid,
	42003: wx.ErrCodeInvalid,
	40163: wx.ErrCodeUsed,
	40226: wx.ErrUserBlocked,
}
