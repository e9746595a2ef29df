// Package stacktest is what end-to-end tests of several modules share: people who come
// in through every door, with a real HTTP client that follows redirects and keeps cookies.
package stacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"

	"wxhub/wx/sandbox"
)

// WeChat is the User-Agent of a phone inside WeChat.
const WeChat = "Mozilla/5.0 (Linux; Android 13; M2012K11AC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0.5304.141 Mobile Safari/537.36 XWEB/5075 MMWEBSDK/20230202 MMWEBID/4325 MicroMessenger/8.0.42.2460(0x28002A58) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"

// Visitor is a person with a phone and a browser on it.
type Visitor struct {
	Platform *sandbox.Platform
	Server   string // base URL of wxhub
	User     sandbox.User
	Client   *http.Client // with the browser's cookies
}

// NewVisitor gives a person a browser in which the sandbox knows them. weChat is the
// base URL of the sandbox.
func NewVisitor(p *sandbox.Platform, weChat, server string, u sandbox.User) (*Visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(weChat)
	if err != nil {
		return nil, err
	}
	jar.SetCookies(at, []*http.Cookie{{Name: "wxsandbox_user", Value: u.ID, Path: "/"}})
	return &Visitor{Platform: p, Server: server, User: u, Client: &http.Client{Jar: jar, Timeout: time.Minute}}, nil
}

// Person is what wxhub says about somebody.
type Person struct {
	ID         string     `json:"id"`
	UnionID    string     `json:"union_id"`
	Phone      string     `json:"phone"`
	Identities []Identity `json:"identities"`
	ErasedAt   string     `json:"erased_at"`
}

// Identity is somebody in one app.
type Identity struct {
	AppID  string `json:"app_id"`
	Kind   string `json:"kind"`
	OpenID string `json:"open_id"`
}

// Entry is a way in that has been gone.
type Entry struct {
	Token   string // of doors without a browser
	NewUser bool
	Person  Person
}

// Enter comes in through an app of the sandbox, whichever kind it is. Scope is for
// official accounts; "" leaves it out.
func (v *Visitor) Enter(ctx context.Context, appID, scope string) (Entry, error) {
	switch kind := v.kind(appID); kind {
	case sandbox.KindMiniProgram:
		code, err := v.Platform.LoginCode(appID, v.User.ID)
		if err != nil {
			return Entry{}, err
		}
		return v.post(ctx, "/v1/login/mini-program", appID, code)
	case sandbox.KindMobileApp:
		code, err := v.Platform.OAuthCode(appID, v.User.ID, "snsapi_userinfo")
		if err != nil {
			return Entry{}, err
		}
		return v.post(ctx, "/v1/login/mobile-app", appID, code)
	case sandbox.KindOfficialAccount, sandbox.KindWebsite:
		if err := v.Platform.Consent(appID, v.User.ID); err != nil {
			return Entry{}, err
		}
		return v.browse(ctx, v.LoginURL(appID, scope, ""))
	default:
		return Entry{}, fmt.Errorf("app %s is of kind %q", appID, kind)
	}
}

func (v *Visitor) kind(appID string) string {
	for _, a := range v.Platform.Credentials().Apps {
		if a.ID == appID {
			return a.Kind
		}
	}
	return ""
}

// LoginURL is where a login in the browser begins.
func (v *Visitor) LoginURL(appID, scope, returnTo string) string {
	door := "official-account"
	if v.kind(appID) == sandbox.KindWebsite {
		door = "website"
	}
	q := url.Values{"app_id": {appID}}
	if scope != "" {
		q.Set("scope", scope)
	}
	if returnTo != "" {
		q.Set("return_to", returnTo)
	}
	return v.Server + "/v1/login/" + door + "?" + q.Encode()
}

func (v *Visitor) post(ctx context.Context, path, appID, code string) (e Entry, err error) {
	body, err := json.Marshal(map[string]string{"app_id": appID, "code": code})
	if err != nil {
		return e, err
	}
	var session struct {
		Token   string `json:"token"`
		NewUser bool   `json:"new_user"`
		User    Person `json:"user"`
	}
	status, text, err := v.Do(ctx, http.MethodPost, v.Server+path, body, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("POST %s: %d %s", path, status, text)
	}
	if err == nil {
		err = json.Unmarshal(text, &session)
	}
	return Entry{session.Token, session.NewUser, session.User}, err
}

// browse follows every redirect and reads who the browser is in the end.
func (v *Visitor) browse(ctx context.Context, from string) (e Entry, err error) {
	status, text, err := v.Do(ctx, http.MethodGet, from, nil, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET %s: %d %s", from, status, text)
	}
	if err == nil {
		err = json.Unmarshal(text, &e.Person)
	}
	return e, err
}

// Do sends one request from the person's browser.
func (v *Visitor) Do(ctx context.Context, method, target string, body []byte, header http.Header) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", WeChat)
	if body != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	got, err := v.Client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	return got.StatusCode, text, err
}
