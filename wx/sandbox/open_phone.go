package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// ErrBack: a page of the phone leads back to a page of open.weixin.qq.com and nowhere else.
var ErrBack = errors.New("back is the path and query of a /connect/ page")

// phoneInside is the way of a desktop browser into WeChat.
func (p *Platform) phoneInside(w http.ResponseWriter, r *http.Request) {
	if back, fine := backOf(w, r); fine {
		http.SetCookie(w, &http.Cookie{Name: cookieInside, Value: "1", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, back.RequestURI(), http.StatusSeeOther)
	}
}

// phoneUser chooses whose phone the browser is.
func (p *Platform) phoneUser(w http.ResponseWriter, r *http.Request) {
	back, fine := backOf(w, r)
	if !fine {
		return
	}
	user, err := p.FindUser(r.PostFormValue("user"))
	if err != nil {
		refuse(w, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieUser, Value: user.ID, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, back.RequestURI(), http.StatusSeeOther)
}

// phoneConsent is Allow or Deny on the consent page, and for a website on the phone that scanned its code. The user
// is the form's, else the cookie's.
func (p *Platform) phoneConsent(w http.ResponseWriter, r *http.Request) {
	back, fine := backOf(w, r)
	if !fine {
		return
	}
	user, known := p.holder(r)
	if name := r.PostFormValue("user"); name != "" || !known {
		var err error
		if user, err = p.FindUser(name); err != nil {
			refuse(w, err)
			return
		}
	}
	o, failed := p.openRequest(back)
	switch answer := r.PostFormValue("answer"); {
	case failed != nil:
		openPage{Show: "error", Error: failed, App: o.app}.write(w)
	case answer == "allow":
		p.consents.give(user.ID, o.app.ID)
		http.Redirect(w, r, p.codeTo(o, user), http.StatusFound)
	case answer != "deny":
		fail(w, http.StatusUnprocessableEntity, "bad_input", "answer is allow or deny")
	case o.path == pathQRConnect:
		openPage{Show: "refused", App: o.app, Back: o.page}.write(w)
	default:
		http.Redirect(w, r, o.back(""), http.StatusFound)
	}
}

// backOf reads the form and its field back. After a false the refusal is written.
func backOf(w http.ResponseWriter, r *http.Request) (*url.URL, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	back, err := url.ParseRequestURI(r.PostFormValue("back"))
	if err != nil || back.Host != "" || !strings.HasPrefix(back.Path, "/connect/") {
		refuse(w, ErrBack)
		return nil, false
	}
	return back, true
}

// write sends the page outside the gateway.
func (o openPage) write(w http.ResponseWriter) {
	o.reply().write(w)
}

func (r *reply) write(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body)
}

// uncookied undoes the escapes of a name that is no plain cookie value.
func uncookied(value string) string {
	if plain, err := url.PathUnescape(value); err == nil {
		return plain
	}
	return value
}
