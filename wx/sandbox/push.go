package sandbox

import (
	"errors"
	"time"
)

// ErrNoPushURL: there is nowhere to push to.
var ErrNoPushURL = errors.New("the app has no push URL; POST /sandbox/apps/push sets one")

// pushAttempts is how often a message is sent at most.
const pushAttempts = 3

// pushed is a message or event on its way to an app.
type pushed struct {
	app    App    // as it was when this happened
	openID string // whose, in the query
	fields elements
	line   *ChatLine // in the chat
}

// push queues a message or event. It returns false when the app has no URL: then nobody ever learns of it, as on the
// platform.
func (p *Platform) push(appID, openID, event string, content elements) bool {
	app, found := p.console.app(appID)
	if !found || app.PushURL == "" {
		p.chats.pushed(appID, openID, event, content, ChatNowhere)
		return false
	}
	line := p.chats.pushed(appID, openID, event, content, ChatSent)
	p.notifier.announce(&delivery{
		event: event, url: app.PushURL, appID: appID, push: &pushed{app, openID, content, line},
	})
	return true
}

// pushEvent is push for an event of a user: what all events have in common, then more.
func (p *Platform) pushEvent(app App, u User, event string, more ...element) bool {
	content := elements{{"ToUserName", app.originalID()}, {"FromUserName", u.OpenIDs[app.ID]}, {"CreateTime", p.clock.now().Unix()},
		{"MsgType", "event"}, {"Event", event}}
	return p.push(app.ID, u.OpenIDs[app.ID], event, append(content, more...))
}

func (d *delivery) class() class {
	if d.push != nil {
		return classPush
	}
	return classNotify
}

// target is what faults match.
func (d *delivery) target() string {
	if d.push != nil {
		return pushMatch + ":" + d.event
	}
	return notifyMatch + ":" + d.event
}

func (d *delivery) merchantID() string {
	if d.push != nil {
		return ""
	}
	return d.to.ID
}

// schedule is how long after each attempt the next one follows.
func (n *notifier) schedule(d *delivery) []time.Duration {
	if d.push == nil {
		return retrySchedule()
	}
	gaps := make([]time.Duration, pushAttempts-1)
	for i := range gaps {
		gaps[i] = n.p.behaviour.PushRetryGap
	}
	return gaps
}
