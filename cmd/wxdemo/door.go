package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"wxhub/wx/sandbox"
)

// phoneBrowser is what a browser inside WeChat calls itself.
const phoneBrowser = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.42(0x18002a2f) NetType/WIFI Language/zh_CN"

// door has the same person come in by another one: a page of the official account, in
// WeChat's browser. There they have another openid, and the same UnionID.
func (w *walker) door(ctx context.Context) error {
	account := w.appOf(sandbox.KindOfficialAccount)
	if err := w.stack.Sandbox.Consent(account, w.user.ID); err != nil {
		return err
	}
	var person struct {
		ID         string `json:"id"`
		Identities []struct {
			AppID  string `json:"app_id"`
			OpenID string `json:"open_id"`
		} `json:"identities"`
	}
	if err := w.browse(ctx, "/v1/login/official-account?scope=snsapi_userinfo&app_id="+account, &person); err != nil {
		return err
	}
	if person.ID != w.userID {
		return fmt.Errorf("the official account knows the person as %s, the mini-program as %s", person.ID, w.userID)
	}
	w.out.step("the same person, on a page of the official account", "Recognised at another door")
	w.facts()
	for _, i := range person.Identities {
		if i.AppID == account {
			w.out.fact("openid", "%s in app %s: another one", i.OpenID, account)
		}
	}
	w.out.fact("unionid", "the same, so: user %s", person.ID)
	return nil
}

// browse follows every redirect, as the browser of the person's phone does.
func (w *walker) browse(ctx context.Context, path string, out any) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	phone, err := url.Parse(w.stack.SandboxURL)
	if err != nil {
		return err
	}
	jar.SetCookies(phone, []*http.Cookie{{Name: "wxsandbox_user", Value: w.user.ID, Path: "/"}})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.stack.URL+path, strings.NewReader(""))
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", phoneBrowser)
	answer, err := (&http.Client{Jar: jar}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s ended with %d: %s", path, answer.StatusCode, raw)
	}
	return json.Unmarshal(raw, out)
}

func (w *walker) appOf(kind string) string {
	for _, a := range w.stack.Sandbox.Credentials().Apps {
		if a.Kind == kind {
			return a.ID
		}
	}
	return ""
}
