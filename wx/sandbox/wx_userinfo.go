package sandbox

// userInfo is the answer of sns/userinfo. Sex and region are empty since 2021.
type userInfo struct {
	OpenID     string   `json:"openid"`
	Nickname   string   `json:"nickname"`
	Sex        int      `json:"sex"`
	Language   string   `json:"language"`
	City       string   `json:"city"`
	Province   string   `json:"province"`
	Country    string   `json:"country"`
	HeadImgURL string   `json:"headimgurl"`
	Privilege  []string `json:"privilege"`
	UnionID    string   `json:"unionid,omitempty"`
}

func (p *Platform) snsUserInfo(in *wxCall) (any, *wxError) {
	g, failed := p.oauth.check(in.query.Get("access_token"), in.query.Get("openid"))
	if failed != nil {
		return nil, failed
	}
	in.appID = g.app
	if g.scope == scopeBase || g.snapshot {
		return nil, &wxError{codeUnauthorized, "api unauthorized"}
	}
	return userInfo{
		OpenID: g.openID, Nickname: g.user.Name, HeadImgURL: portrait(g.user), Privilege: []string{}, UnionID: p.grantedUnionID(g),
	}, nil
}

// portrait is a URL of the platform's shape where nothing is.
func portrait(u User) string { return "https://thirdwx.qlogo.cn/mmopen/vi_32/" + u.ID + "/132" }

func (p *Platform) snsAuth(in *wxCall) (any, *wxError) {
	g, failed := p.oauth.check(in.query.Get("access_token"), in.query.Get("openid"))
	if failed != nil {
		return nil, failed
	}
	in.appID = g.app
	return wxOK{0, "ok"}, nil
}
