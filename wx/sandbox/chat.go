package sandbox

import (
	"encoding/xml"
	"fmt"
	"strings"
	"sync"
	"time"

	"wxhub/wx/sandbox/wxcrypt"
)

// Who says a line of a chat.
const (
	ChatUser    = "user"    // a text of the user
	ChatAccount = "account" // what the app answered
	ChatEvent   = "event"   // what the user did, as the app is told
)

// What became of a line that the app is told.
const (
	ChatNowhere  = "nowhere" // the app has no push URL
	ChatSent     = "sent"
	ChatReceived = "received"
	ChatFailed   = "failed" // not received so far; another attempt may follow
)

// chatLength is how many lines are kept of each chat.
const chatLength = 200

// ChatLine is a line of the chat of a user with an app, as the phone shows it. Time is the platform's.
type ChatLine struct {
	Time  time.Time `json:"time"`
	From  string    `json:"from"`
	Text  string    `json:"text"` // of an event its name, and its key after a blank
	State string    `json:"state,omitempty"`
}

// chats are all lines, by app and openid.
type chats struct {
	clock *clock
	mu    sync.Mutex
	lines map[chatKey][]*ChatLine
}

type chatKey struct{ app, openID string }

// Chat is what passed between the user and the app. It returns ErrNoApp or ErrNoUser.
func (p *Platform) Chat(appID, user string) ([]ChatLine, error) {
	u, err := p.FindUser(user)
	if err != nil {
		return nil, err
	}
	if _, found := p.console.app(appID); !found {
		return nil, fmt.Errorf("%q: %w", appID, ErrNoApp)
	}
	return p.chats.of(appID, u.OpenIDs[appID]), nil
}

func (c *chats) of(app, openID string) []ChatLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := []ChatLine{}
	for _, line := range c.lines[chatKey{app, openID}] {
		out = append(out, *line)
	}
	return out
}

func (c *chats) add(app, openID string, line ChatLine) *ChatLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	line.Time = c.clock.now()
	key := chatKey{app, openID}
	all := append(c.lines[key], &line)
	c.lines[key] = all[max(0, len(all)-chatLength):]
	return &line
}

// pushed writes down what is about to be pushed.
func (c *chats) pushed(app, openID, event string, content elements, state string) *ChatLine {
	line := ChatLine{From: ChatEvent, Text: event, State: state}
	if event == "text" {
		line.From, line.Text = ChatUser, content.get("Content")
	} else if key := content.get("EventKey"); key != "" {
		line.Text += " " + key
	}
	return c.add(app, openID, line)
}

// answered writes down what came of an attempt. A line that was received stays so.
func (c *chats) answered(m *pushed, received bool, body []byte) {
	c.mu.Lock()
	fresh := m.line.State != ChatReceived
	switch {
	case received:
		m.line.State = ChatReceived
	case fresh:
		m.line.State = ChatFailed
	}
	c.mu.Unlock()
	if text := m.said(body); received && fresh && text != "" {
		c.add(m.app.ID, m.openID, ChatLine{From: ChatAccount, Text: text})
	}
}

// said is the text of a reply that was judged good, or nothing.
func (m *pushed) said(body []byte) string {
	reply := passiveReply{}
	if xml.Unmarshal(body, &reply) == nil && reply.Encrypt != "" {
		key, err := wxcrypt.Key(m.app.AESKey)
		if err != nil {
			return ""
		}
		if body, _, err = wxcrypt.OpenMessage(key, reply.Encrypt); err != nil {
			return ""
		}
		reply = passiveReply{}
		_ = xml.Unmarshal(body, &reply)
	}
	switch {
	case reply.MsgType == "":
		return ""
	case reply.Content == "":
		return "[" + reply.MsgType + "]"
	}
	return strings.TrimSpace(reply.Content)
}

func (c *chats) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = map[chatKey][]*ChatLine{}
}
