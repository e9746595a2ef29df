package push

import (
	"fmt"
	"net/url"
	"regexp"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

const (
	// Window is how far the timestamp of a signature may be from our clock.
	Window = 5 * time.Minute
	// MaxBody is the largest body that is looked at, in bytes.
	MaxBody = 64 << 10
)

// Receiver receives the pushes of every configured app.
type Receiver struct {
	apps map[string]app
}

type app struct {
	id    string
	token model.Secret
	key   []byte // nil: plain mode
	now   func() time.Time
}

// New makes a receiver. An AESKey that is none is an error, and so is an app twice.
func New(settings []wx.PushSettings) (*Receiver, error) {
	r := &Receiver{apps: make(map[string]app, len(settings))}
	for _, s := range settings {
		if s.Token.IsZero() {
			continue
		}
		if _, twice := r.apps[s.AppID]; twice {
			return nil, fmt.Errorf("app %s has two message pushes", s.AppID)
		}
		a := app{id: s.AppID, token: s.Token, now: s.Now}
		if a.now == nil {
			a.now = time.Now
		}
		if !s.AESKey.IsZero() {
			var err error
			if a.key, err = decodeKey(s.AESKey); err != nil {
				return nil, fmt.Errorf("app %s: %w", s.AppID, err)
			}
		}
		r.apps[s.AppID] = a
	}
	return r, nil
}

// echoShape is what WeChat may have echoed; nothing of it can become a page.
var echoShape = regexp.MustCompile(`^[!-;=?-~]{1,128}$`)

// CheckURL answers the request by which WeChat checks a new callback address: the text to
// reply, as text/plain.
//
// Errors: wx.ErrAppUnknown, wx.ErrPushForged, wx.ErrPushStale, wx.ErrPushMalformed.
func (r *Receiver) CheckURL(appID string, query url.Values) (echo string, err error) {
	a, ok := r.apps[appID]
	if !ok {
		return "", wx.ErrAppUnknown
	}
	if _, err := a.verify(query); err != nil {
		return "", err
	}
	echo, ok = single(query, "echostr", echoShape)
	if !ok {
		return "", malformed("no echostr")
	}
	return echo, nil
}

// Open verifies, decrypts and reads one push.
//
// Errors: wx.ErrAppUnknown; wx.ErrPushForged, wx.ErrPushStale; wx.ErrPushDowngrade for a
// plain body in safe mode, wx.ErrPushEncrypted for an encrypted one without an AESKey;
// wx.ErrPushMalformed.
func (r *Receiver) Open(appID string, d wx.Delivery) (wx.Push, error) {
	a, ok := r.apps[appID]
	if !ok {
		return wx.Push{}, wx.ErrAppUnknown
	}
	s, err := a.verify(d.Query)
	if err != nil {
		return wx.Push{}, err
	}
	encrypted, err := saysEncrypted(d.Query)
	if err != nil {
		return wx.Push{}, err
	}
	if encrypted && a.key == nil {
		return wx.Push{}, wx.ErrPushEncrypted
	}
	if !encrypted && a.key != nil {
		return wx.Push{}, wx.ErrPushDowngrade
	}
	body, err := read(d.Body)
	if err != nil {
		return wx.Push{}, err
	}
	if ciphertext, ok := body["Encrypt"]; a.key != nil {
		if !ok {
			return wx.Push{}, wx.ErrPushDowngrade
		}
		if body, err = a.open(s, d.Query, ciphertext); err != nil {
			return wx.Push{}, err
		}
	} else if ok {
		return wx.Push{}, wx.ErrPushEncrypted
	}
	p, err := a.push(body)
	if err == nil && s.exchanged(p.CreateTime) {
		return wx.Push{}, wx.ErrPushStale
	}
	return p, err
}

// open verifies and decrypts the encrypted part of a body.
func (a app) open(s signed, query url.Values, ciphertext string) (fields, error) {
	if err := a.verifyMessage(s, query, ciphertext); err != nil {
		return nil, err
	}
	text, err := decrypt(a.key, a.id, ciphertext)
	if err != nil {
		return nil, wx.ErrPushForged.Because(err)
	}
	return read(text)
}
