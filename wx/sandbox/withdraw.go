package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrRevokeInfo: a number that the kind of app does not have.
var ErrRevokeInfo = errors.New("revoke_info is 1 to 8, 12 to 16 or 18 to 20 for a mini-program, 201 to 207 for an official account, 301 for the others; empty: the first")

// cancelWindow is how long back a cancelled user's authorisations are told of.
const cancelWindow = 30 * 24 * time.Hour

// Withdraw makes the user take back what the app was allowed (user_authorization_revoke). A consent page asks again
// from then on; tokens live on. revokeInfo is WeChat's number of what was taken back, empty: the kind's first.
// It returns ErrNoApp, ErrNoUser or ErrRevokeInfo.
func (p *Platform) Withdraw(appID, user, revokeInfo string) (pushed bool, err error) {
	u, app, err := p.onPhone(appID, user)
	if err != nil {
		return false, err
	}
	known := revokeInfos(app.Kind)
	if revokeInfo == "" {
		revokeInfo = known[0]
	}
	if !slices.Contains(known, revokeInfo) {
		return false, fmt.Errorf("%q: %w", revokeInfo, ErrRevokeInfo)
	}
	p.consents.withdraw(u.ID, app.ID)
	more := append(p.subject(app, u), element{"RevokeInfo", revokeInfo})
	return p.pushEvent(app, u, "user_authorization_revoke", more...), nil
}

// CancelUser makes the user give up the WeChat account (user_authorization_cancellation): every app that got to know the
// user in the last 30 days is told. It returns the ids of the apps whose URL will learn of it, or ErrNoUser.
func (p *Platform) CancelUser(user string) (pushed []string, err error) {
	u, err := p.FindUser(user)
	if err != nil {
		return nil, err
	}
	pushed = []string{}
	for _, app := range p.console.list() {
		p.consents.withdraw(u.ID, app.ID)
		if p.consents.since(u.ID, app.ID, cancelWindow) && p.pushEvent(app, u, "user_authorization_cancellation", p.subject(app, u)...) {
			pushed = append(pushed, app.ID)
		}
	}
	return pushed, nil
}

// subject names the user and the app of an event about an authorisation.
func (p *Platform) subject(app App, u User) []element {
	out := []element{{"OpenID", u.OpenIDs[app.ID]}, {"AppID", app.ID}}
	if id := p.unionID(u, app.ID); id != "" {
		out = append(out, element{"UnionID", id})
	}
	return out
}

// revokeInfos are the numbers of a kind of app.
func revokeInfos(kind string) []string {
	spans := [][2]int{{301, 301}}
	switch kind {
	case KindMiniProgram:
		spans = [][2]int{{1, 8}, {12, 16}, {18, 20}}
	case KindOfficialAccount:
		spans = [][2]int{{201, 207}}
	}
	var out []string
	for _, span := range spans {
		for n := span[0]; n <= span[1]; n++ {
			out = append(out, fmt.Sprint(n))
		}
	}
	return out
}

// PushEvent pushes anything: fields as given, with ToUserName, CreateTime and MsgType filled in when they are absent.
// It returns ErrNoApp, ErrFields or ErrNoPushURL.
func (p *Platform) PushEvent(appID string, content map[string]any) error {
	app, found := p.console.app(appID)
	if !found {
		return fmt.Errorf("%q: %w", appID, ErrNoApp)
	}
	given, err := elementsOf(content)
	if err != nil {
		return err
	}
	var whole elements
	for _, usual := range (elements{{"ToUserName", app.originalID()}, {"CreateTime", p.clock.now().Unix()}, {"MsgType", "event"}}) {
		if _, there := content[usual.name]; !there {
			whole = append(whole, usual)
		}
	}
	whole = append(whole, given...)
	event := whole.get("Event")
	if event == "" {
		event = whole.get("MsgType")
	}
	if !p.push(app.ID, whole.get("FromUserName"), event, whole) {
		return ErrNoPushURL
	}
	return nil
}
