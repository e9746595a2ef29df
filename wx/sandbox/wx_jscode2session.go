package sandbox

// session is the answer of jscode2session. UnionID is absent, not empty, when the app is bound to nothing.
type session struct {
	SessionKey string `json:"session_key"`
	OpenID     string `json:"openid"`
	UnionID    string `json:"unionid,omitempty"`
}

func (p *Platform) jscode2session(in *wxCall) (any, *wxError) {
	app, failed := p.appBySecret(in.call, in.query.Get("appid"), in.query.Get("secret"))
	switch code := in.query.Get("js_code"); {
	case failed != nil:
		return nil, failed
	case code == "":
		return nil, &wxError{codeJSCodeMissing, "missing code"}
	case in.query.Get("grant_type") != "authorization_code":
		return nil, &wxError{codeGrantType, "invalid grant_type"}
	default:
		user, key, failed := p.logins.exchange(code, app.ID, p.behaviour)
		if failed != nil {
			return nil, failed
		}
		p.consents.visit(user.ID, app.ID)
		return session{SessionKey: key, OpenID: user.OpenIDs[app.ID], UnionID: p.unionID(user, app.ID)}, nil
	}
}
