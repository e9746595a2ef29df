package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"wxhub/wx/sandbox/wxcrypt"
)

// ErrPushCheck: the receiver failed the URL check.
var ErrPushCheck = errors.New("the URL check failed: the receiver must answer a GET with signature, timestamp, nonce and echostr by 200 and echostr alone")

// PushSettings are the server settings of an app in the console. What is empty stays as it is, but for URL: empty, it
// turns push off.
type PushSettings struct {
	URL    string `json:"url"`
	Mode   string `json:"mode"`   // plain, compatible or safe
	Format string `json:"format"` // xml, or json for a mini-program
	Token  string `json:"token"`
	AESKey string `json:"aes_key"`
}

// SetPush saves the settings, after the receiver at the URL has proved that it knows the Token; if it does not, nothing
// changes. It returns ErrNoApp, ErrPush or ErrPushCheck.
func (p *Platform) SetPush(appID string, s PushSettings) error {
	app, found := p.console.app(appID)
	if !found {
		return fmt.Errorf("%q: %w", appID, ErrNoApp)
	}
	s.onto(&app)
	if err := app.checkPush(); err != nil {
		return err
	}
	if app.PushURL != "" {
		if err := p.checkReceiver(app); err != nil {
			return fmt.Errorf("%w: %w", ErrPushCheck, err)
		}
	}
	return p.console.change(appID, s.onto)
}

// onto changes what is set.
func (s PushSettings) onto(a *App) {
	a.PushURL = s.URL
	for _, one := range []struct {
		into  *string
		value string
	}{{&a.PushMode, s.Mode}, {&a.PushFormat, s.Format}, {&a.Token, s.Token}, {&a.AESKey, s.AESKey}} {
		if one.value != "" {
			*one.into = one.value
		}
	}
}

// checkReceiver is the GET that WeChat makes when the settings are saved.
func (p *Platform) checkReceiver(app App) error {
	timestamp, nonce := p.pushStamp("")
	echo := p.ids.text(digits, 19)
	query := url.Values{
		"signature": {wxcrypt.Signature(app.Token, timestamp, nonce)}, "timestamp": {timestamp}, "nonce": {nonce}, "echostr": {echo},
	}
	ctx, cancel := context.WithTimeout(p.ctx, notifyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, withQuery(app.PushURL, query), nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "Mozilla/4.0")
	response, err := p.notifier.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	switch {
	case err != nil:
		return err
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("it answered %d", response.StatusCode)
	case string(body) != echo:
		return fmt.Errorf("it answered %.60q instead of echostr", body)
	}
	return nil
}
