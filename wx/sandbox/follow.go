package sandbox

import (
	"errors"
	"strconv"
)

// ErrScene: a scan needs a scene.
var ErrScene = errors.New("scene is what the QR code carries, 1 to 64 characters")

// ErrMenu: a click is of one kind.
var ErrMenu = errors.New("give either key (a click) or url (a link)")

// Follow makes the user follow the official account: found by search, or with a scene by its QR code. pushed tells
// whether the app has a URL to learn of it. user is an id or a name.
// It returns ErrNoApp, ErrAppKind, ErrNoUser, ErrScene or ErrFollowing.
func (p *Platform) Follow(appID, user, scene string) (pushed bool, err error) {
	u, app, err := p.onPhone(appID, user, KindOfficialAccount)
	switch {
	case err != nil:
		return false, err
	case len(scene) > 64:
		return false, ErrScene
	case !p.audience.add(app.ID, u, scene):
		return false, ErrFollowing
	case scene == "":
		return p.pushEvent(app, u, "subscribe", element{"EventKey", ""}), nil
	}
	return p.pushEvent(app, u, "subscribe", element{"EventKey", "qrscene_" + scene}, element{"Ticket", p.ids.sceneTicket(app.ID, scene)}), nil
}

// Unfollow makes the user leave the official account. It returns ErrNoApp, ErrAppKind, ErrNoUser or ErrNotFollowing.
func (p *Platform) Unfollow(appID, user string) (pushed bool, err error) {
	u, app, err := p.onPhone(appID, user, KindOfficialAccount)
	if err != nil {
		return false, err
	}
	if !p.audience.remove(app.ID, u.ID) {
		return false, ErrNotFollowing
	}
	return p.pushEvent(app, u, "unsubscribe", element{"EventKey", ""}), nil
}

// Scan makes the user scan a QR code of the official account: a SCAN event of a follower; anybody else follows by it.
// It returns ErrNoApp, ErrAppKind, ErrNoUser or ErrScene.
func (p *Platform) Scan(appID, user, scene string) (pushed bool, err error) {
	u, app, err := p.onPhone(appID, user, KindOfficialAccount)
	if err != nil {
		return false, err
	}
	if n := len(scene); n < 1 || n > 64 {
		return false, ErrScene
	}
	if pushed, err := p.Follow(app.ID, u.ID, scene); !errors.Is(err, ErrFollowing) {
		return pushed, err
	}
	return p.pushEvent(app, u, "SCAN", element{"EventKey", scene}, element{"Ticket", p.ids.sceneTicket(app.ID, scene)}), nil
}

// MenuClick makes a follower press a menu button: one with a key, or one with a URL.
// It returns ErrNoApp, ErrAppKind, ErrNoUser, ErrNotFollowing or ErrMenu.
func (p *Platform) MenuClick(appID, user, key, url string) (pushed bool, err error) {
	u, app, err := p.onPhone(appID, user, KindOfficialAccount)
	if err != nil {
		return false, err
	}
	_, follows := p.audience.find(app.ID, u.ID)
	switch {
	case (key == "") == (url == ""):
		return false, ErrMenu
	case !follows:
		return false, ErrNotFollowing
	case key != "":
		return p.pushEvent(app, u, "CLICK", element{"EventKey", key}), nil
	}
	return p.pushEvent(app, u, "VIEW", element{"EventKey", url}, element{"MenuId", p.ids.text(digits[1:], 9)}), nil
}

// ErrText: a message of nothing.
var ErrText = errors.New("text has 1 to 2048 bytes")

// SendMessage makes the user write a text to the official account, which must be followed, or to the customer service
// of the mini-program. It returns ErrNoApp, ErrAppKind, ErrNoUser, ErrText or ErrNotFollowing.
func (p *Platform) SendMessage(appID, user, text string) (pushed bool, err error) {
	u, app, err := p.onPhone(appID, user, KindOfficialAccount, KindMiniProgram)
	if err != nil {
		return false, err
	}
	if n := len(text); n < 1 || n > 2048 {
		return false, ErrText
	}
	if _, follows := p.audience.find(app.ID, u.ID); !follows && app.Kind == KindOfficialAccount {
		return false, ErrNotFollowing
	}
	id, _ := strconv.ParseInt("2"+p.ids.text(digits, 16), 10, 64) // fits
	return p.push(app.ID, u.OpenIDs[app.ID], "text", elements{
		{"ToUserName", app.originalID()}, {"FromUserName", u.OpenIDs[app.ID]}, {"CreateTime", p.clock.now().Unix()},
		{"MsgType", "text"}, {"Content", text}, {"MsgId", id},
	}), nil
}
