package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxhub/wx/sandbox/wxcrypt"
)

// composePush makes one attempt of a push, signed now, spoiled as the fault says.
func (n *notifier) composePush(d *delivery, fault string) letter {
	app, content := d.push.app, slices.Clone(d.push.fields)
	timestamp, nonce := n.p.pushStamp(fault)
	query := url.Values{"openid": {d.push.openID}}
	query.Set("timestamp", timestamp)
	query.Set("nonce", nonce)
	query.Set("signature", wxcrypt.Signature(app.Token, timestamp, nonce))
	signed := "signature"
	if app.PushMode != PushPlain && fault != faultDowngrade {
		encrypt := n.encrypted(d.push, fault)
		query.Set("encrypt_type", "aes")
		query.Set("msg_signature", wxcrypt.Signature(app.Token, timestamp, nonce, encrypt))
		signed = "msg_signature"
		if app.PushMode == PushSafe {
			content = elements{{"ToUserName", app.originalID()}}
		}
		content = append(content, element{"Encrypt", encrypt})
	}
	if fault == faultBadSignature {
		query.Set(signed, wxcrypt.Signature("a token that nobody has", timestamp, nonce))
	}
	body := app.pushBody(content)
	if fault == faultTruncate {
		body = body[:len(body)/2]
	}
	header := http.Header{"User-Agent": {"Mozilla/4.0"}, "Accept": {"*/*"}, "Content-Type": {"text/xml"}}
	if app.PushFormat == PushJSON {
		header.Set("Content-Type", "application/json")
	}
	return letter{withQuery(d.url, query), header, body}
}

// pushStamp is the time, by the wall clock as that of all signatures, and the nonce.
func (p *Platform) pushStamp(fault string) (timestamp, nonce string) {
	at := p.clock.wall()
	if fault == faultOldTimestamp {
		at = at.Add(-6 * time.Minute)
	}
	return strconv.FormatInt(at.Unix(), 10), p.ids.text(digits, 10)
}

// encrypted is the Encrypt text of the whole message.
func (n *notifier) encrypted(m *pushed, fault string) string {
	appID, encoded := m.app.ID, m.app.AESKey
	switch fault {
	case faultWrongAppid:
		appID = "wx" + n.p.ids.text(hexLower, 16)
	case faultWrongKey:
		encoded = derived("an AES key that nobody has", 43)
	}
	// Neither fails: the key was checked when it was set.
	key, _ := wxcrypt.Key(encoded)
	text, _ := wxcrypt.SealMessage(key, []byte(n.p.ids.text(alnum, 16)), m.app.pushBody(m.fields), appID)
	return text
}

// pushBody writes the fields in the app's format.
func (a *App) pushBody(content elements) []byte {
	if a.PushFormat == PushJSON {
		return encode(content)
	}
	return []byte("<xml>\n" + content.xml() + "</xml>")
}

// withQuery keeps the query that the URL has.
func withQuery(to string, query url.Values) string {
	joint := "?"
	if strings.Contains(to, "?") {
		joint = "&"
	}
	return to + joint + query.Encode()
}
