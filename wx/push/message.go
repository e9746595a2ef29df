package push

import (
	"regexp"
	"strconv"

	"wxhub/wx"
)

var (
	idShape   = regexp.MustCompile(`^[!-~]{1,128}$`) // as everywhere: visible ASCII
	wordShape = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`)
	msgShape  = regexp.MustCompile(`^[0-9]{1,20}$`)
)

// eventType is the MsgType of what is no message.
const eventType = "event"

// push makes a Push of the fields that were believed.
func (a app) push(f fields) (wx.Push, error) {
	p := wx.Push{
		AppID: a.id, ToUser: f["ToUserName"], FromUser: f["FromUserName"],
		MsgType: f["MsgType"], Content: f["Content"],
		OpenID: f["OpenID"], UnionID: f["UnionID"], RevokeInfo: f["RevokeInfo"],
		Fields: f,
	}
	if p.MsgType == eventType {
		p.Event, p.EventKey, p.Ticket = f["Event"], f["EventKey"], f["Ticket"]
	} else {
		p.MsgID = f["MsgId"]
	}
	var err error
	if p.CreateTime, err = strconv.ParseInt(f["CreateTime"], 10, 64); err != nil || p.CreateTime <= 0 {
		return wx.Push{}, malformed("no CreateTime")
	}
	if why := flaw(p); why != "" {
		return wx.Push{}, malformed(why)
	}
	return p, nil
}

// flaw says what keeps a push from being one.
func flaw(p wx.Push) string {
	optional := func(value string, shape *regexp.Regexp) bool { return value == "" || shape.MatchString(value) }
	switch {
	case !wordShape.MatchString(p.MsgType):
		return "no MsgType"
	case !optional(p.ToUser, idShape):
		return "a ToUserName that is none"
	case p.FromUser == "" && p.OpenID == "", !optional(p.FromUser, idShape):
		return "no FromUserName"
	case p.MsgType == eventType && !wordShape.MatchString(p.Event):
		return "no Event"
	case !optional(p.MsgID, msgShape):
		return "a MsgId that is none"
	case !optional(p.OpenID, idShape), !optional(p.UnionID, idShape):
		return "an OpenID or UnionID that is none"
	}
	return ""
}
