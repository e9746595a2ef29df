package sandbox

import (
	"encoding/json"
	"strconv"
)

// followerCard is what an official account may know of somebody. Of those who do not follow, nothing: then only the
// first two fields are there.
type followerCard struct {
	Subscribe int    `json:"subscribe"`
	OpenID    string `json:"openid"`
	*followerDetails
}

type followerDetails struct {
	Language       string `json:"language"`
	SubscribeTime  int64  `json:"subscribe_time"`
	UnionID        string `json:"unionid,omitempty"`
	Remark         string `json:"remark"`
	GroupID        int    `json:"groupid"`
	TagIDList      []int  `json:"tagid_list"`
	SubscribeScene string `json:"subscribe_scene"`
	QRScene        int64  `json:"qr_scene"`
	QRSceneStr     string `json:"qr_scene_str"`
}

// accountOf checks the token of a call that only official accounts may make.
func (p *Platform) accountOf(in *wxCall) (string, *wxError) {
	id, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return "", failed
	}
	in.appID = id
	if app, _ := p.console.app(id); app.Kind != KindOfficialAccount {
		return "", &wxError{codeUnauthorized, "api unauthorized"}
	}
	return id, nil
}

func (p *Platform) followerInfo(in *wxCall) (any, *wxError) {
	app, failed := p.accountOf(in)
	if failed != nil {
		return nil, failed
	}
	card, failed := p.cardOf(app, in.query.Get("openid"))
	if failed != nil {
		return nil, failed
	}
	return card, nil
}

// maxBatch bounds the lists of batchget and changeopenid.
const maxBatch = 100

func (p *Platform) followerInfos(in *wxCall) (any, *wxError) {
	app, failed := p.accountOf(in)
	if failed != nil {
		return nil, failed
	}
	var request struct {
		UserList []struct {
			OpenID string `json:"openid"`
		} `json:"user_list"`
	}
	if json.Unmarshal(in.body, &request) != nil {
		return nil, &wxError{codeData, "data format error"}
	}
	if n := len(request.UserList); n < 1 || n > maxBatch {
		return nil, &wxError{codeListSize, "invalid openid list size"}
	}
	var cards []followerCard
	for _, wanted := range request.UserList {
		card, failed := p.cardOf(app, wanted.OpenID)
		if failed != nil {
			return nil, failed
		}
		cards = append(cards, card)
	}
	return map[string][]followerCard{"user_info_list": cards}, nil
}

func (p *Platform) cardOf(app, openID string) (followerCard, *wxError) {
	user, owner := p.crowd.owner(openID)
	if owner != app {
		return followerCard{}, &wxError{codeOpenID, "invalid openid"}
	}
	f, follows := p.audience.find(app, user.ID)
	if !follows {
		return followerCard{OpenID: openID}, nil
	}
	details := followerDetails{
		Language: "zh_CN", SubscribeTime: f.since.Unix(), UnionID: p.unionID(user, app), TagIDList: []int{},
		SubscribeScene: "ADD_SCENE_SEARCH",
	}
	if f.scene != "" {
		details.SubscribeScene = "ADD_SCENE_QR_CODE"
		if n, err := strconv.ParseInt(f.scene, 10, 64); err == nil {
			details.QRScene = n
		} else {
			details.QRSceneStr = f.scene
		}
	}
	return followerCard{1, openID, &details}, nil
}
