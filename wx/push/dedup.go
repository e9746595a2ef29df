package push

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"wxhub/wx"
)

// DedupKey is equal for all deliveries of one push and differs for any two pushes: the
// app, the person, and the MsgId of a message, or the time and name of an event. Neither
// alone would do: MsgIds of two apps collide, and so do two people's clicks. The person
// of a revocation is the one whom it names. It is a hash, so that it has one length and
// tells nobody's openid.
func DedupKey(p wx.Push) string {
	person := p.FromUser
	if p.OpenID != "" {
		person = p.OpenID
	}
	parts := []string{p.AppID, person}
	if p.MsgID != "" {
		parts = append(parts, p.MsgID)
	} else {
		parts = append(parts, strconv.FormatInt(p.CreateTime, 10), p.MsgType, p.Event, p.EventKey)
	}
	text, _ := json.Marshal(parts) // strings always marshal
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
