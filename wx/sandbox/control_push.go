package sandbox

import (
	"encoding/json"
	"net/http"
)

func (p *Platform) controlSetPush(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID string `json:"app_id"`
		PushSettings
	}
	if read(w, r, &in) {
		done(w, p.SetPush(in.AppID, in.PushSettings))
	}
}

// happened answers an act of a user: whether the app will learn of it.
func happened(w http.ResponseWriter, pushed bool, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]bool{"pushed": pushed})
}

// sceneAct is the body of the calls about QR codes.
type sceneAct struct {
	AppID string `json:"app_id"`
	User  string `json:"user"`
	Scene string `json:"scene"`
}

func (p *Platform) controlFollow(w http.ResponseWriter, r *http.Request) {
	var in sceneAct
	if read(w, r, &in) {
		pushed, err := p.Follow(in.AppID, in.User, in.Scene)
		happened(w, pushed, err)
	}
}

func (p *Platform) controlUnfollow(w http.ResponseWriter, r *http.Request) {
	var in appUser
	if read(w, r, &in) {
		pushed, err := p.Unfollow(in.AppID, in.User)
		happened(w, pushed, err)
	}
}

func (p *Platform) controlScan(w http.ResponseWriter, r *http.Request) {
	var in sceneAct
	if read(w, r, &in) {
		pushed, err := p.Scan(in.AppID, in.User, in.Scene)
		happened(w, pushed, err)
	}
}

func (p *Platform) controlMenuClick(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID string `json:"app_id"`
		User  string `json:"user"`
		Key   string `json:"key"`
		URL   string `json:"url"`
	}
	if read(w, r, &in) {
		pushed, err := p.MenuClick(in.AppID, in.User, in.Key, in.URL)
		happened(w, pushed, err)
	}
}

func (p *Platform) controlMessage(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID string `json:"app_id"`
		User  string `json:"user"`
		Text  string `json:"text"`
	}
	if read(w, r, &in) {
		pushed, err := p.SendMessage(in.AppID, in.User, in.Text)
		happened(w, pushed, err)
	}
}

func (p *Platform) controlWithdraw(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID      string      `json:"app_id"`
		User       string      `json:"user"`
		RevokeInfo json.Number `json:"revoke_info"` // a number or its digits
	}
	if read(w, r, &in) {
		pushed, err := p.Withdraw(in.AppID, in.User, in.RevokeInfo.String())
		happened(w, pushed, err)
	}
}

func (p *Platform) controlCancel(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User string `json:"user"`
	}
	if !read(w, r, &in) {
		return
	}
	apps, err := p.CancelUser(in.User)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, map[string][]string{"pushed": apps})
}

func (p *Platform) controlEvent(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID  string         `json:"app_id"`
		Fields map[string]any `json:"fields"`
	}
	if read(w, r, &in) {
		err := p.PushEvent(in.AppID, in.Fields)
		happened(w, err == nil, err)
	}
}
