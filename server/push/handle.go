package push

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/server/tasks"
	"wxhub/wx"
)

// People is what messages change. identity.Service is one.
type People interface {
	Meet(ctx context.Context, k model.IdentityKey, unionID string) error
	Find(ctx context.Context, k model.IdentityKey) (identity.Person, error)
	Revoke(ctx context.Context, k model.IdentityKey, reason string) error
	Cancel(ctx context.Context, k model.IdentityKey, reason string) error
}

// Followers asks WeChat about a follower. wx/mp.Client is one.
type Followers interface {
	Follower(ctx context.Context, appID, openID string) (wx.Follower, error)
}

// Handler does what a message asks for.
type Handler struct {
	People    People
	Followers Followers
	IDs       model.IDs
	Now       func() time.Time
	Log       *slog.Logger
}

// events is what becomes of WeChat's events for business backends.
var events = map[string]model.EventType{
	"subscribe":        model.EventFollowerSubscribed,
	"unsubscribe":      model.EventFollowerUnsubscribed,
	"SCAN":             model.EventFollowerScanned,
	"CLICK":            model.EventMenuClicked,
	"VIEW":             model.EventMenuViewed,
	"view_miniprogram": model.EventMenuViewed,
}

// Handle does one message; it is a tasks.Handler.
func (h *Handler) Handle(ctx context.Context, body []byte) ([]model.Event, error) {
	var p wx.Push
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, tasks.Final(err)
	}
	if p.MsgType != "event" {
		return h.tell(ctx, model.EventMessageReceived, p)
	}
	switch p.Event {
	case "subscribe":
		if err := h.meet(ctx, p); err != nil {
			return nil, err
		}
	case "user_authorization_revoke":
		err := h.People.Revoke(ctx, p.Person(), "authorisation revoked in WeChat ("+p.RevokeInfo+")")
		return nil, unlessUnknown(err)
	case "user_authorization_cancellation":
		return nil, unlessUnknown(h.People.Cancel(ctx, p.Person(), "WeChat account cancelled"))
	}
	if kind, ok := events[p.Event]; ok {
		return h.tell(ctx, kind, p)
	}
	h.Log.InfoContext(ctx, "an event that nobody handles was acknowledged", "app_id", p.AppID, "event", p.Event)
	return nil, nil
}

// meet learns who follows. An account that may not ask about followers (48001 and the
// like) learns the openid alone.
func (h *Handler) meet(ctx context.Context, p wx.Push) error {
	f, err := h.Followers.Follower(ctx, p.AppID, p.FromUser)
	if errors.Is(err, wx.ErrRejected) {
		h.Log.WarnContext(ctx, "WeChat does not tell this app about its followers", "app_id", p.AppID, "error", err.Error())
		err = nil
	}
	if err != nil {
		return err
	}
	return h.People.Meet(ctx, p.Person(), f.UnionID)
}

// told is what business backends hear of a message.
type told struct {
	AppID      string            `json:"app_id"`
	OpenID     string            `json:"open_id"`
	UserID     string            `json:"user_id,omitempty"`
	MsgType    string            `json:"msg_type"`
	MsgID      string            `json:"msg_id,omitempty"`
	Event      string            `json:"event,omitempty"`
	EventKey   string            `json:"event_key,omitempty"`
	Ticket     string            `json:"ticket,omitempty"`
	Content    string            `json:"content,omitempty"`
	CreateTime int64             `json:"create_time"`
	Fields     map[string]string `json:"fields,omitempty"`
}

// tell makes the event that business backends get.
func (h *Handler) tell(ctx context.Context, kind model.EventType, p wx.Push) ([]model.Event, error) {
	person, err := h.People.Find(ctx, p.Person())
	if unlessUnknown(err) != nil {
		return nil, err
	}
	id, err := h.IDs.New()
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(told{
		AppID: p.AppID, OpenID: p.FromUser, UserID: person.User.ID, MsgType: p.MsgType, MsgID: p.MsgID, Event: p.Event,
		EventKey: p.EventKey, Ticket: p.Ticket, Content: p.Content, CreateTime: p.CreateTime, Fields: p.Fields,
	})
	return []model.Event{{ID: "evt_" + id, Type: kind, Data: data, CreatedAt: model.Instant(h.Now())}}, err
}

// unlessUnknown forgets that nobody knows the person: then there is nothing to do.
func unlessUnknown(err error) error {
	if err != nil && model.AsError(err).Kind == model.KindNotFound {
		return nil
	}
	return err
}
