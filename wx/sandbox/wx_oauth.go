package sandbox

// oauthAnswer is the answer of sns/oauth2/access_token and refresh_token.
type oauthAnswer struct {
	AccessToken    string `json:"access_token"`
	ExpiresIn      int    `json:"expires_in"`
	RefreshToken   string `json:"refresh_token"`
	OpenID         string `json:"openid"`
	Scope          string `json:"scope"`
	IsSnapshotUser int    `json:"is_snapshotuser,omitempty"`
	UnionID        string `json:"unionid,omitempty"`
}

func (p *Platform) oauthExchange(in *wxCall) (any, *wxError) {
	app, failed := p.appBySecret(in.call, in.query.Get("appid"), in.query.Get("secret"))
	switch code := in.query.Get("code"); {
	case failed != nil:
		return nil, failed
	case code == "":
		return nil, &wxError{codeJSCodeMissing, "missing code"}
	case in.query.Get("grant_type") != "authorization_code":
		return nil, &wxError{codeGrantType, "invalid grant_type"}
	default:
		pair, failed := p.oauth.exchange(code, app.ID, p.behaviour)
		if failed != nil {
			return nil, failed
		}
		answer := pair.answer()
		if !pair.snapshot {
			p.consents.visit(pair.user.ID, app.ID)
		} else {
			answer.IsSnapshotUser = 1
		}
		if pair.scope != scopeBase {
			answer.UnionID = p.grantedUnionID(pair.grant)
		}
		return answer, nil
	}
}

func (p *Platform) oauthRefresh(in *wxCall) (any, *wxError) {
	in.appID = in.query.Get("appid")
	_, found := p.console.app(in.appID)
	switch {
	case in.appID == "":
		return nil, &wxError{codeAppIDMissing, "appid missing"}
	case !found:
		return nil, &wxError{codeInvalidAppID, "invalid appid"}
	case in.query.Get("grant_type") != "refresh_token":
		return nil, &wxError{codeGrantType, "invalid grant_type"}
	case in.query.Get("refresh_token") == "":
		return nil, &wxError{codeRefreshMissing, "refresh_token missing"}
	}
	pair, failed := p.oauth.renew(in.query.Get("refresh_token"), in.appID)
	if failed != nil {
		return nil, failed
	}
	return pair.answer(), nil
}

// answer is what exchange and refresh have in common.
func (t tokenPair) answer() oauthAnswer {
	return oauthAnswer{
		AccessToken: t.access, ExpiresIn: int(tokenLife.Seconds()), RefreshToken: t.refresh,
		OpenID: t.openID, Scope: t.scope,
	}
}

// grantedUnionID is nothing for a snapshot: its user is nobody.
func (p *Platform) grantedUnionID(g grant) string {
	if g.snapshot {
		return ""
	}
	return p.unionID(g.user, g.app)
}
