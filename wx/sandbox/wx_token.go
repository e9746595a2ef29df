package sandbox

import (
	"encoding/json"
	"math"
)

// tokenAnswer carries a token. ExpiresIn is the rest of its life in seconds.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
}

// stableRequest is the body of stable_token.
type stableRequest struct {
	GrantType    string `json:"grant_type"`
	AppID        string `json:"appid"`
	Secret       string `json:"secret"`
	ForceRefresh bool   `json:"force_refresh"`
}

func (p *Platform) plainToken(in *wxCall) (any, *wxError) {
	app, failed := p.tokenApp(in, in.query.Get("grant_type"), in.query.Get("appid"), in.query.Get("secret"))
	if failed != nil {
		return nil, failed
	}
	token, failed := p.tokens.replacePlain(app.ID)
	if failed != nil {
		return nil, failed
	}
	return p.tokenAnswer(token), nil
}

func (p *Platform) stableToken(in *wxCall) (any, *wxError) {
	var request stableRequest
	if json.Unmarshal(in.body, &request) != nil {
		return nil, &wxError{codeData, "data format error"}
	}
	app, failed := p.tokenApp(in, request.GrantType, request.AppID, request.Secret)
	if failed != nil {
		return nil, failed
	}
	if !request.ForceRefresh {
		return p.tokenAnswer(p.tokens.currentStable(app.ID)), nil
	}
	token, failed := p.tokens.forceStable(app.ID)
	if failed != nil {
		return nil, failed
	}
	return p.tokenAnswer(token), nil
}

// tokenApp checks who asks. Only mini-programs and official accounts have access tokens of their own.
func (p *Platform) tokenApp(in *wxCall, grantType, appID, secret string) (*App, *wxError) {
	if grantType != "client_credential" {
		return nil, &wxError{codeGrantType, "invalid grant_type"}
	}
	app, failed := p.appBySecret(in.call, appID, secret)
	if failed != nil {
		return nil, failed
	}
	if app.Kind != KindMiniProgram && app.Kind != KindOfficialAccount {
		return nil, &wxError{codeTokenForbidden, "forbid to use token"}
	}
	return app, p.allowed.check(app.ID, in.request.RemoteAddr)
}

// tokenAnswer reads the token's expiry under the lock, because a plain token's changes when it is replaced.
func (p *Platform) tokenAnswer(token *accessToken) tokenAnswer {
	p.tokens.mu.Lock()
	defer p.tokens.mu.Unlock()
	left := token.expires.Sub(p.clock.now())
	return tokenAnswer{token.text, int(math.Ceil(left.Seconds()))}
}
