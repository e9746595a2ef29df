package sandbox

import "net/http"

func (p *Platform) controlUsers(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string][]User{"users": p.Users()})
}

func (p *Platform) controlCreateUser(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name  string `json:"name"`
		Phone string `json:"phone"`
	}
	if !read(w, r, &in) {
		return
	}
	user, err := p.CreateUserWith(UserSpec{in.Name, in.Phone})
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
		Scope string `json:"scope"` // for OAuth codes; empty: the first of the app's kind
	}
	if !read(w, r, &in) {
		return
	}
	code, err := p.codeFor(in.AppID, in.User, in.Scope)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusCreated, map[string]string{"code": code})
}

// codeFor takes a scope only where there are scopes.
func (p *Platform) codeFor(appID, user, scope string) (string, error) {
	if scope == "" {
		return p.LoginCode(appID, user)
	}
	return p.OAuthCode(appID, user, scope)
}
