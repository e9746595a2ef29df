package sandbox

import "net/http"

// appUser is the body of the calls about a user in an app.
type appUser struct {
	AppID string `json:"app_id"`
	User  string `json:"user"`
}

func (p *Platform) controlBind(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID        string `json:"app_id"`
		OpenPlatform string `json:"open_platform"`
	}
	if read(w, r, &in) {
		done(w, p.BindApp(in.AppID, in.OpenPlatform))
	}
}

func (p *Platform) controlMigrate(w http.ResponseWriter, r *http.Request) {
	var in struct {
		From string `json:"from_app_id"`
		To   string `json:"to_app_id"`
	}
	if read(w, r, &in) {
		done(w, p.MigrateApp(in.From, in.To))
	}
}

func (p *Platform) controlConsent(w http.ResponseWriter, r *http.Request) {
	var in appUser
	if read(w, r, &in) {
		done(w, p.Consent(in.AppID, in.User))
	}
}

func (p *Platform) controlSnapshot(w http.ResponseWriter, r *http.Request) {
	in := struct {
		AppID string `json:"app_id"`
		User  string `json:"user"`
		Times int    `json:"times"`
	}{Times: 1}
	if read(w, r, &in) {
		done(w, p.Snapshot(in.AppID, in.User, in.Times))
	}
}

func (p *Platform) controlPhoneCode(w http.ResponseWriter, r *http.Request) {
	var in appUser
	if !read(w, r, &in) {
		return
	}
	code, err := p.PhoneCode(in.AppID, in.User)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusCreated, map[string]string{"code": code})
}

// done answers a call that gives nothing back.
func done(w http.ResponseWriter, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
