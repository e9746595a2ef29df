package push_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestURLCheckIsAnsweredWithTheEcho(t *testing.T) {
	w := newWorld(t)
	check := func(app string, q url.Values) answer {
		return w.do(http.MethodGet, "/v1/wechat/"+app+"/callback?"+q.Encode(), nil)
	}
	with := func(change func(url.Values)) url.Values {
		q := signed(time.Now(), pushToken)
		q.Set("echostr", "4375120948345356249")
		change(q)
		return q
	}
	for _, app := range []string{plainApp, safeApp} {
		a := check(app, with(func(url.Values) {}))
		if a.status != 200 || a.body != "4375120948345356249" || a.header.Get("Content-Type") != "text/plain; charset=utf-8" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: status %d, %v: %q", app, a.status, a.header, a.body)
		}
	}
	for name, c := range map[string]struct {
		app    string
		change func(url.Values)
		status int
		code   string
	}{
		"unknown app":    {"wx-nobody", func(url.Values) {}, 404, "app_unknown"},
		"no signature":   {plainApp, func(q url.Values) { q.Del("signature") }, 403, "push_unverified"},
		"no timestamp":   {plainApp, func(q url.Values) { q.Del("timestamp") }, 403, "push_unverified"},
		"no nonce":       {plainApp, func(q url.Values) { q.Del("nonce") }, 403, "push_unverified"},
		"another nonce":  {plainApp, func(q url.Values) { q.Set("nonce", "other") }, 403, "push_unverified"},
		"another token":  {plainApp, func(q url.Values) { resigned(q, time.Now(), "other") }, 403, "push_unverified"},
		"too old":        {plainApp, func(q url.Values) { resigned(q, time.Now().Add(-6*time.Minute), pushToken) }, 403, "push_stale"},
		"from ahead":     {plainApp, func(q url.Values) { resigned(q, time.Now().Add(6*time.Minute), pushToken) }, 403, "push_stale"},
		"no echo":        {plainApp, func(q url.Values) { q.Del("echostr") }, 400, "push_malformed"},
		"a page as echo": {plainApp, func(q url.Values) { q.Set("echostr", "<script>alert(1)</script>") }, 400, "push_malformed"},
		"two echoes":     {plainApp, func(q url.Values) { q.Add("echostr", "x") }, 400, "push_malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			a := check(c.app, with(c.change))
			w.refuses(a, c.status, c.code)
			if strings.Contains(a.body, "4375120948345356249") || strings.Contains(a.body, "script") {
				t.Errorf("the refusal echoes: %s", a.body)
			}
		})
	}
	if n := w.nonces(); n != 0 {
		t.Errorf("%d nonces kept", n)
	}
}

// resigned signs a query anew, in place.
func resigned(q url.Values, at time.Time, token string) url.Values {
	for name, value := range signed(at, token) {
		q[name] = value
	}
	return q
}

// Every way in which WeChat may send one message makes the same task and the same event.
func TestEveryModeAndFormatIsAccepted(t *testing.T) {
	for name, c := range map[string]struct {
		app string
		d   delivery
	}{
		"plain, XML":           {plainApp, plain(text("alice", "7"))},
		"plain, JSON":          {plainApp, plain(textJSON("alice", "7"))},
		"safe, XML":            {safeApp, sealed(safeApp, text("alice", "7"), inXML)},
		"safe, JSON":           {safeApp, sealed(safeApp, textJSON("alice", "7"), inJSON)},
		"XML inside of JSON":   {safeApp, sealed(safeApp, text("alice", "7"), inJSON)},
		"compatible, with lie": {safeApp, sealed(safeApp, text("alice", "7"), strings.Replace(inXML, "<Encrypt>", "<FromUserName>openid-liar</FromUserName><Content>lie</Content><Encrypt>", 1))},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.accepts(c.app, c.d)
			if stored := w.tasks(); len(stored) != 1 || stored[0].Kind != "wechat_push" || strings.Contains(stored[0].ID, "alice") {
				t.Fatalf("got %+v", stored)
			}
			events := w.works()
			if len(events) != 1 || events[0].Type != "message.received" {
				t.Fatalf("got %+v", events)
			}
			v := read(events[0].Data)
			if v.AppID != c.app || v.OpenID != "openid-alice" || v.MsgID != "7" || v.Content != "你好 <b>" || v.Created != created || v.UserID != "" {
				t.Errorf("got %+v", v)
			}
			if log := w.log.String(); strings.Contains(log, "openid-") || strings.Contains(log, "你好") {
				t.Errorf("the log tells: %s", log)
			}
		})
	}
}

// What is not verifiably WeChat's is refused before anything is kept of it.
func TestWhatIsNotWeChatsIsRefused(t *testing.T) {
	w := newWorld(t)
	without := func(name string) delivery {
		d := plain(text("alice", "1"))
		d.query.Del(name)
		return d
	}
	changed := func(d delivery, name, value string) delivery {
		d.query.Set(name, value)
		return d
	}
	at := func(when time.Time, token, body string) delivery { return delivery{signed(when, token), body} }
	safe := func() delivery { return sealed(safeApp, text("alice", "1"), inXML) }
	for name, c := range map[string]struct {
		app    string
		d      delivery
		status int
		code   string
	}{
		"no query":                {plainApp, delivery{url.Values{}, text("alice", "1")}, 403, "push_unverified"},
		"no signature":            {plainApp, without("signature"), 403, "push_unverified"},
		"no timestamp":            {plainApp, without("timestamp"), 403, "push_unverified"},
		"no nonce":                {plainApp, without("nonce"), 403, "push_unverified"},
		"another signature":       {plainApp, changed(plain(text("alice", "1")), "signature", strings.Repeat("0", 40)), 403, "push_unverified"},
		"another nonce":           {plainApp, changed(plain(text("alice", "1")), "nonce", "other"), 403, "push_unverified"},
		"another token":           {plainApp, at(time.Now(), "other", text("alice", "1")), 403, "push_unverified"},
		"the empty token":         {plainApp, at(time.Now(), "", text("alice", "1")), 403, "push_unverified"},
		"six minutes old":         {plainApp, at(time.Now().Add(-6*time.Minute), pushToken, text("alice", "1")), 403, "push_stale"},
		"six minutes ahead":       {plainApp, at(time.Now().Add(6*time.Minute), pushToken, text("alice", "1")), 403, "push_stale"},
		"of 1970":                 {plainApp, at(time.Unix(1, 0), pushToken, text("alice", "1")), 403, "push_stale"},
		"unknown app":             {"wx-nobody", plain(text("alice", "1")), 404, "app_unknown"},
		"app of a mini-program":   {"wx-mini", plain(text("alice", "1")), 404, "app_unknown"},
		"app in another case":     {"WX-PLAIN", plain(text("alice", "1")), 404, "app_unknown"},
		"plain in safe mode":      {safeApp, plain(text("alice", "1")), 403, "push_not_encrypted"},
		"said to be encrypted":    {safeApp, changed(plain(text("alice", "1")), "encrypt_type", "aes"), 403, "push_not_encrypted"},
		"encrypted without a key": {plainApp, safe(), 403, "push_encrypted"},
		"another msg_signature":   {safeApp, changed(safe(), "msg_signature", strings.Repeat("0", 40)), 403, "push_unverified"},
		"no msg_signature":        {safeApp, func() delivery { d := safe(); d.query.Del("msg_signature"); return d }(), 403, "push_unverified"},
		"sealed for another app":  {safeApp, sealed(plainApp, text("alice", "1"), inXML), 403, "push_unverified"},
		"sealed and cut": {safeApp, func() delivery {
			d := safe()
			d.body = strings.Replace(d.body, "==]", "]", 1)
			d.body = strings.Replace(d.body, "CDATA[", "CDATA[A", 2)
			return d
		}(), 403, "push_unverified"},
		"unknown encrypt_type":     {plainApp, changed(plain(text("alice", "1")), "encrypt_type", "rot13"), 400, "push_malformed"},
		"no body":                  {plainApp, plain(""), 400, "push_malformed"},
		"no message":               {plainApp, plain("hello"), 400, "push_malformed"},
		"an empty message":         {plainApp, plain("<xml></xml>"), 400, "push_malformed"},
		"cut off":                  {plainApp, plain(text("alice", "1")[:80]), 400, "push_malformed"},
		"two messages":             {plainApp, plain(text("alice", "1") + text("bob", "2")), 400, "push_malformed"},
		"a document type":          {plainApp, plain(`<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + text("alice", "1")), 400, "push_malformed"},
		"an entity":                {plainApp, plain(strings.Replace(text("alice", "1"), "你好", "]]>&a;<![CDATA[", 1)), 400, "push_malformed"},
		"sealed document type":     {safeApp, sealed(safeApp, `<!DOCTYPE xml>`+text("alice", "1"), inXML), 400, "push_malformed"},
		"not UTF-8":                {plainApp, plain(strings.Replace(text("alice", "1"), "你好", "\xff", 1)), 400, "push_malformed"},
		"no person":                {plainApp, plain(strings.Replace(text("alice", "1"), "openid-alice", "", 1)), 400, "push_malformed"},
		"100 KiB":                  {plainApp, plain(text("alice", strings.Repeat(" ", 100<<10))), 400, "push_malformed"},
		"nested a thousand deep":   {plainApp, plain(strings.Replace(text("alice", "1"), "<MsgId>", strings.Repeat("<a>", 1000)+strings.Repeat("</a>", 1000)+"<MsgId>", 1)), 400, "push_malformed"},
		"JSON with a field twice":  {plainApp, plain(strings.Replace(textJSON("alice", "1"), `"MsgType"`, `"FromUserName":"openid-mallory","MsgType"`, 1)), 400, "push_malformed"},
		"timestamp as nonce":       {plainApp, exchanged(text("alice", "1")), 403, "push_stale"},
		"the app id in the cipher": {safeApp, sealed("", text("alice", "1"), inXML), 403, "push_unverified"},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.send(c.app, c.d)
			w.refuses(a, c.status, c.code)
			if strings.Contains(a.body, "alice") || strings.Contains(a.body, "你好") {
				t.Errorf("the refusal repeats what was sent: %s", a.body)
			}
		})
	}
	w.refuses(w.send(plainApp, plain(text("alice", "1")), "Content-Encoding: gzip"), 415, "unsupported_media_type")
	w.refuses(w.do(http.MethodPost, "/v1/wechat/"+plainApp+"/callback?a;b", nil), 400, "malformed_request")
	for name, host := range map[string]string{"Host": "localhost", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost"} { // nothing but the signature counts
		w.refuses(w.send(plainApp, at(time.Now(), "other", text("alice", "1")), name+": "+host), 403, "push_unverified")
	}
	if n := w.nonces(); n != 0 {
		t.Errorf("%d nonces kept: whoever forges could fill Redis", n)
	}
	if log := w.log.String(); strings.Contains(log, "openid-") || strings.Contains(log, pushToken) {
		t.Errorf("the log tells: %s", log)
	}
}

// exchanged has timestamp and nonce in each other's place.
func exchanged(body string) delivery {
	old, now := fmt.Sprint(created), fmt.Sprint(time.Now().Add(3*time.Minute).Unix())
	body = strings.Replace(body, old, fmt.Sprint(created-48*3600), 1)
	old = fmt.Sprint(created - 48*3600)
	return delivery{url.Values{"timestamp": {now}, "nonce": {old}, "signature": {sign(pushToken, now, old)}}, body}
}
