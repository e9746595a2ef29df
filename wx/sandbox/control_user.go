package sandbox

import "net/http"

func (p *Platform) controlUsers(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string][]User{"users": p.Users()})
}

func (p *Platform) controlCreateUser(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name string `json:"name"`
	}
	if !read(w, r, &in) {
		return
	}
	user, err := p.CreateUser(in.Name)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusCreated, user)
}

func (p *Platform) controlLoginCode(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID string `json:"app_id"`
		User  string `json:"user"`
	}
	if !read(w, r, &in) {
		return
	}
	code, err := p.LoginCode(in.AppID, in.User)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusCreated, map[string]string{"code": code})
}
