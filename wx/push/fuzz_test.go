package push

import (
	"errors"
	"strings"
	"testing"

	"wxhub/wx"
)

// FuzzOpen lets any body in, signed as WeChat would sign it, plain and encrypted, and
// once as a forger would send it.
func FuzzOpen(f *testing.F) {
	for _, format := range []string{"XML", "JSON"} {
		for mode := range byte(4) {
			f.Add(mode, []byte(message(format)), "")
			f.Add(mode, []byte(envelope(format, "AAAA")), "msg_signature")
		}
	}
	f.Add(byte(0), []byte(`<xml xmlns:a="b"><a:A>&lt;<![CDATA[x]]></a:A><B><C/></B></xml>`), "")
	f.Add(byte(0), []byte(`{"A":[{"B":null}],"\u0041":1e9}`), "")
	r := newReceiver(f)
	f.Fuzz(func(t *testing.T, mode byte, body []byte, spoil string) {
		app, d := safeApp, wx.Delivery{}
		switch mode % 4 {
		case 0:
			app, d = plainApp, plain(string(body))
		case 1:
			d = sealed(t, string(body), func(e string) string { return envelope("XML", e) })
		case 2:
			d = sealed(t, string(body), func(e string) string { return liar("JSON", e) })
		case 3: // signed, and not encrypted
			d = sealed(t, "", func(string) string { return string(body) })
		}
		spoiled := d.Query.Has(spoil) && spoil != "openid"
		if spoiled {
			d.Query.Set(spoil, strings.ToUpper(d.Query.Get(spoil))+"x")
		}
		got, err := r.Open(app, d)
		if err == nil {
			if spoiled || mode%4 == 3 {
				t.Fatalf("believed %q", body)
			}
			believed(t, got)
			return
		}
		for _, known := range []error{wx.ErrPushForged, wx.ErrPushStale, wx.ErrPushDowngrade, wx.ErrPushEncrypted, wx.ErrPushMalformed} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Fatalf("got %v", err)
	})
}

// believed checks what every push promises.
func believed(t *testing.T, p wx.Push) {
	t.Helper()
	who := p.FromUser + p.OpenID
	if who == "" || strings.ContainsAny(who, " \n\x00") || p.ToUser == "" || p.MsgType == "" || p.CreateTime <= 0 || p.Fields == nil {
		t.Fatalf("got %+v", p)
	}
	if (p.MsgType == eventType) != (p.Event != "") || p.Event != "" && p.MsgID != "" {
		t.Fatalf("got %+v", p)
	}
	if len(DedupKey(p)) != 64 {
		t.Fatal("no key")
	}
}
