package token

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

// Platform fetches tokens from WeChat (PROTOCOL §6.1, §6.4). It is a few lines of our
// own, because the SDK's calls print the appsecret in their errors and keep tokens in
// a cache of their own.
type Platform struct{ Client *http.Client }

const api = "https://api.weixin.qq.com"

// reply is what all three calls answer.
type reply struct {
	ErrCode     int64  `json:"errcode"`
	ErrMsg      string `json:"errmsg"`
	AccessToken string `json:"access_token"`
	Ticket      string `json:"ticket"`
	ExpiresIn   int64  `json:"expires_in"`
}

// Fetch asks WeChat for one token.
//
// Errors: wx.ErrTokenRefused, wx.ErrBusy, wx.ErrTimeout. None of them holds a secret.
func (p Platform) Fetch(ctx context.Context, a App, kind model.TokenKind, accessToken model.Secret, force bool) (model.Secret, time.Duration, error) {
	req, err := request(ctx, a, kind, accessToken, force)
	if err != nil {
		return "", 0, err
	}
	r, err := p.call(req)
	if err != nil {
		return "", 0, err
	}
	value := r.AccessToken
	if kind != model.AccessToken {
		value = r.Ticket
	}
	if value == "" || r.ExpiresIn <= 0 {
		return "", 0, wx.ErrBusy.Because(fmt.Errorf("WeChat answered without a usable %s", kind))
	}
	return model.Secret(value), time.Duration(r.ExpiresIn) * time.Second, nil
}

func request(ctx context.Context, a App, kind model.TokenKind, accessToken model.Secret, force bool) (*http.Request, error) {
	get := func(path string, query url.Values) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, api+path+"?"+query.Encode(), nil)
	}
	switch kind {
	case model.JSAPITicket:
		return get("/cgi-bin/ticket/getticket", url.Values{"access_token": {accessToken.Reveal()}, "type": {"jsapi"}})
	case model.WxCardTicket:
		return get("/cgi-bin/ticket/getticket", url.Values{"access_token": {accessToken.Reveal()}, "type": {"wx_card"}})
	case model.AccessToken:
		if a.Classic {
			return get("/cgi-bin/token", url.Values{"grant_type": {"client_credential"}, "appid": {a.ID}, "secret": {a.Secret.Reveal()}})
		}
		body, err := json.Marshal(map[string]any{
			"grant_type": "client_credential", "appid": a.ID, "secret": a.Secret.Reveal(), "force_refresh": force,
		})
		if err != nil {
			return nil, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"/cgi-bin/stable_token", bytes.NewReader(body))
		if err == nil {
			req.Header.Set("Content-Type", "application/json")
		}
		return req, err
	}
	return nil, model.NewError(model.KindInvalid, "token_kind_unknown", "there is no token of this kind")
}

func (p Platform) call(req *http.Request) (reply, error) {
	var r reply
	answer, err := p.Client.Do(req)
	if err != nil {
		return r, wx.Silent(transport.Cause(err))
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return r, wx.ErrBusy.Because(fmt.Errorf("WeChat answered HTTP %d", answer.StatusCode))
	}
	if err := json.NewDecoder(answer.Body).Decode(&r); err != nil {
		return r, wx.ErrBusy.Because(errors.New("WeChat answered something that is not JSON"))
	}
	if r.ErrCode != 0 {
		return r, refusal(r)
	}
	return r, nil
}

// terminal are the refusals that asking again would not mend.
var terminal = map[int64]bool{40001: true, 40002: true, 40013: true, 40125: true, 40164: true, 40243: true, 41002: true, 41004: true, 45009: true, 50004: true, 50007: true, 89503: true, 89506: true, 89507: true}

func refusal(r reply) error {
	code := strconv.FormatInt(r.ErrCode, 10)
	if terminal[r.ErrCode] {
		return wx.TokenRefused(code, r.ErrMsg)
	}
	if r.ErrCode == 45011 { // too often just now: forced twice within 30 s, or a minute's quota
		return wx.Refused(wx.ErrRateLimited, model.Upstream{Service: "wechat", Code: code, Message: r.ErrMsg})
	}
	return wx.Refused(wx.ErrBusy, model.Upstream{Service: "wechat", Code: code, Message: r.ErrMsg})
}
