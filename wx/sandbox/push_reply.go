package sandbox

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"wxhub/wx/sandbox/wxcrypt"
)

// Why an answer to a push does not count.
var (
	errReplyStatus = errors.New("push: not status 200")
	errReplyBody   = errors.New("push: neither success nor empty nor a message")
	errReplyPlain  = errors.New("push: a plain reply in safe mode")
	errReplySealed = errors.New("push: the encrypted reply does not verify")
)

// passiveReply is a message in the answer.
type passiveReply struct {
	XMLName      xml.Name `xml:"xml"`
	ToUserName   string   `xml:"ToUserName"`
	MsgType      string   `xml:"MsgType"`
	Content      string   `xml:"Content"`
	Encrypt      string   `xml:"Encrypt"`
	MsgSignature string   `xml:"MsgSignature"`
	TimeStamp    string   `xml:"TimeStamp"`
	Nonce        string   `xml:"Nonce"`
}

// received takes an empty body, success, or a reply to the user in the app's mode. The error is for the log.
func (m *pushed) received(status int, body []byte) (bool, error) {
	if status != http.StatusOK {
		return false, errReplyStatus
	}
	text := strings.TrimSpace(string(body))
	if text == "" || text == "success" {
		return true, nil
	}
	var reply passiveReply
	if xml.Unmarshal(body, &reply) != nil || reply.Encrypt == "" && (reply.MsgType == "" || reply.ToUserName == "") {
		return false, fmt.Errorf("%w: %.60q", errReplyBody, text)
	}
	if reply.Encrypt == "" {
		if m.app.PushMode == PushSafe {
			return false, errReplyPlain
		}
		return true, nil
	}
	return m.verified(reply)
}

// verified opens an encrypted reply.
func (m *pushed) verified(reply passiveReply) (bool, error) {
	key, err := wxcrypt.Key(m.app.AESKey)
	if err != nil || reply.MsgSignature != wxcrypt.Signature(m.app.Token, reply.TimeStamp, reply.Nonce, reply.Encrypt) {
		return false, errReplySealed
	}
	plain, appID, err := wxcrypt.OpenMessage(key, reply.Encrypt)
	if err != nil || appID != m.app.ID {
		return false, errReplySealed
	}
	var inner passiveReply
	if xml.Unmarshal(plain, &inner) != nil || inner.MsgType == "" {
		return false, errReplySealed
	}
	return true, nil
}
