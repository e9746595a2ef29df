package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// SessionSignature is the user login-state signature: HMAC-SHA256 over data, keyed with the session_key string
// as it is, not base64-decoded, in lower hex.
func SessionSignature(sessionKey, data string) string {
	mac := hmac.New(sha256.New, []byte(sessionKey))
	mac.Write([]byte(data))
	return hex.EncodeToString(mac.Sum(nil))
}

// resetAnswer carries the new key.
type resetAnswer struct {
	wxOK
	OpenID     string `json:"openid"`
	SessionKey string `json:"session_key"`
}

func (p *Platform) checkSession(in *wxCall) (any, *wxError) {
	if _, failed := p.signedSession(in); failed != nil {
		return nil, failed
	}
	return wxOK{0, "ok"}, nil
}

func (p *Platform) resetSessionKey(in *wxCall) (any, *wxError) {
	openID, failed := p.signedSession(in)
	if failed != nil {
		return nil, failed
	}
	p.logins.mu.Lock()
	defer p.logins.mu.Unlock()
	return resetAnswer{wxOK{0, "ok"}, openID, p.logins.rotate(openID)}, nil
}

// signedSession checks what both calls share: the token, the openid of the token's app, and the signature over
// the empty string with the user's current session key.
func (p *Platform) signedSession(in *wxCall) (string, *wxError) {
	app, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return "", failed
	}
	in.appID = app
	openID := in.query.Get("openid")
	if _, owner := p.crowd.owner(openID); owner != app {
		return "", &wxError{codeOpenID, "invalid openid"}
	}
	if in.query.Get("sig_method") != "hmac_sha256" {
		return "", &wxError{codeArgs, "invalid args"}
	}
	p.logins.mu.Lock()
	key, found := p.logins.sessions[openID]
	p.logins.mu.Unlock()
	if !found || !hmac.Equal([]byte(SessionSignature(key, "")), []byte(in.query.Get("signature"))) {
		return "", &wxError{codeSessionMismatch, "invalid signature"}
	}
	return openID, nil
}
