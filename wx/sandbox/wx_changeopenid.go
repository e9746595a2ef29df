package sandbox

import "encoding/json"

// codeMigration is the errcode of an account that did not move here.
const codeMigration = 63178

// changedOpenID is one line of changeopenid. NewOpenID is absent when there is none.
type changedOpenID struct {
	OriOpenID string `json:"ori_openid"`
	NewOpenID string `json:"new_openid,omitempty"`
	ErrMsg    string `json:"err_msg"`
}

type changedOpenIDs struct {
	wxOK
	ResultList []changedOpenID `json:"result_list"`
}

// changeOpenID is called with the new account's token.
func (p *Platform) changeOpenID(in *wxCall) (any, *wxError) {
	app, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return nil, failed
	}
	in.appID = app
	var request struct {
		FromAppID  string   `json:"from_appid"`
		OpenIDList []string `json:"openid_list"`
	}
	if json.Unmarshal(in.body, &request) != nil {
		return nil, &wxError{codeData, "data format error"}
	}
	if n := len(request.OpenIDList); n < 1 || n > maxBatch {
		return nil, &wxError{codeListSize, "invalid openid list size"}
	}
	if !p.console.hasMoved(request.FromAppID, app) {
		return nil, &wxError{codeMigration, "invalid from_appid"}
	}
	out := changedOpenIDs{wxOK: wxOK{0, "ok"}}
	for _, old := range request.OpenIDList {
		line := changedOpenID{OriOpenID: old, ErrMsg: "ori_openid error"}
		if user, owner := p.crowd.owner(old); owner == request.FromAppID {
			line.NewOpenID, line.ErrMsg = user.OpenIDs[app], "ok"
		}
		out.ResultList = append(out.ResultList, line)
	}
	return out, nil
}
