package push

import (
	"errors"
	"strings"
	"testing"

	"wxhub/wx"
)

const head = "<xml><ToUserName>gh_1</ToUserName><FromUserName>oFan</FromUserName><CreateTime>1714112440</CreateTime><MsgType>event</MsgType>"

func TestEvents(t *testing.T) {
	r := newReceiver(t)
	for name, c := range map[string]struct {
		body string
		want wx.Push
	}{
		"subscribe by QR": {head + "<Event>subscribe</Event><EventKey><![CDATA[qrscene_s1]]></EventKey><Ticket>T1</Ticket></xml>", wx.Push{FromUser: "oFan", Event: "subscribe", EventKey: "qrscene_s1", Ticket: "T1"}},
		"unsubscribe":     {head + "<Event>unsubscribe</Event><EventKey></EventKey></xml>", wx.Push{FromUser: "oFan", Event: "unsubscribe"}},
		"template sent":   {head + "<Event>TEMPLATESENDJOBFINISH</Event><MsgID>200163836</MsgID><Status>success</Status></xml>", wx.Push{FromUser: "oFan", Event: "TEMPLATESENDJOBFINISH"}},
		"revoked": {`{"ToUserName":"gh_1","CreateTime":"1714112440","MsgType":"event","Event":"user_authorization_revoke","OpenID":"oFan","AppID":"wx1","UnionID":"u1","RevokeInfo":"1"}`,
			wx.Push{Event: "user_authorization_revoke", OpenID: "oFan", UnionID: "u1", RevokeInfo: "1"}},
		"unknown": {`{"ToUserName":"gh_1","FromUserName":"oFan","CreateTime":1714112440,"MsgType":"event","Event":"x.new-event_1","List":[{"a":1}],"MsgId":1}`, wx.Push{FromUser: "oFan", Event: "x.new-event_1"}},
	} {
		got, err := r.Open(plainApp, plain(c.body))
		c.want.AppID, c.want.ToUser, c.want.CreateTime, c.want.MsgType = plainApp, "gh_1", 1714112440, "event"
		if err != nil || got.Fields["Event"] != c.want.Event {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		got.Fields = nil
		if !equal(got, c.want) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// equal compares all but the map, which keeps Push from being compared by ==.
func equal(a, b wx.Push) bool {
	return [12]string{a.AppID, a.ToUser, a.FromUser, a.MsgType, a.MsgID, a.Event, a.EventKey, a.Ticket, a.Content, a.OpenID, a.UnionID, a.RevokeInfo} ==
		[12]string{b.AppID, b.ToUser, b.FromUser, b.MsgType, b.MsgID, b.Event, b.EventKey, b.Ticket, b.Content, b.OpenID, b.UnionID, b.RevokeInfo} &&
		a.CreateTime == b.CreateTime
}

func TestAnEventHasAName(t *testing.T) {
	for _, name := range []string{"", "<Event></Event>", "<Event>sub scribe</Event>", "<Event><B>subscribe</B></Event>"} {
		if got, err := newReceiver(t).Open(plainApp, plain(head+name+"</xml>")); !errors.Is(err, wx.ErrPushMalformed) {
			t.Errorf("%q: got %+v, %v", name, got, err)
		}
	}
}

// A field that is needed and is not there, or is not what it should be.
func TestFieldsThatCount(t *testing.T) {
	r := newReceiver(t)
	for _, format := range []string{"XML", "JSON"} {
		for _, c := range [][2]string{
			{"gh_1", "gh 1"}, {"oFan", ""}, {"oFan", "o Fan"}, {"oFan", strings.Repeat("o", 129)},
			{"text", ""}, {"text", "event"}, {"text", "te xt"}, {"24539083497592111", "123456789012345678901"},
			{"FromUserName", "From"}, {"FromUserName", "fromusername"}, {"CreateTime", "Create"}, {"MsgType", "Type"},
			{"Content", "OpenID"}, // with a space in it
		} {
			d := plain(strings.ReplaceAll(message(format), c[0], c[1]))
			if got, err := r.Open(plainApp, d); !errors.Is(err, wx.ErrPushMalformed) {
				t.Errorf("%s, %s for %s: got %+v, %v", format, c[1], c[0], got, err)
			}
		}
	}
}
