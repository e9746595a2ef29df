package sandbox

import "encoding/json"

// phoneAnswer is the answer of getuserphonenumber.
type phoneAnswer struct {
	wxOK
	PhoneInfo phoneInfo `json:"phone_info"`
}

func (p *Platform) getUserPhoneNumber(in *wxCall) (any, *wxError) {
	app, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return nil, failed
	}
	in.appID = app
	var request struct {
		Code   string `json:"code"`
		OpenID string `json:"openid"`
	}
	if json.Unmarshal(in.body, &request) != nil {
		return nil, &wxError{codeData, "data format error"}
	}
	user, failed := p.phones.exchange(request.Code, app, request.OpenID, p.behaviour)
	if failed != nil {
		return nil, failed
	}
	return phoneAnswer{wxOK{0, "ok"}, p.phoneOf(user, app)}, nil
}
